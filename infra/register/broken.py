"""What is wrong with the register, gathered so that one run shows all of it."""


class RegisterBroken(Exception):
    """The sources contradict themselves, each other, or the row declarations."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems
