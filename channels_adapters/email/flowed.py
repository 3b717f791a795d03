"""format=flowed (RFC 3676): lines that end in a space belong together."""


def unwrap(text: str, *, delete_space: bool = False) -> str:
    """Join soft-broken lines of one quote depth. `delete_space` is the sender's DelSp=yes."""
    paragraphs: list[list[str]] = []
    open_depth = -1  # quote depth of a line that waits for its continuation
    for line in text.split("\n"):
        depth, words = _measure(line)
        flows = words.endswith(" ") and words != "-- "
        if open_depth != depth or words == "-- ":
            paragraphs.append(["> " * depth])
        paragraphs[-1].append(words[:-1] if flows and delete_space else words)
        open_depth = depth if flows else -1
    return "\n".join("".join(pieces).rstrip() for pieces in paragraphs)


def _measure(line: str) -> tuple[int, str]:
    """Quote depth of a line, and its words without marks and space-stuffing."""
    words = line.lstrip(">")
    return len(line) - len(words), words.removeprefix(" ")
