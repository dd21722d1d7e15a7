"""Customer service: cases, who they are about, and what staff may see for them."""
