"""One row per person: may they act, what did they agree to, which keys are theirs."""
