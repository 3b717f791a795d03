import pytest

from contactcenter.outbox import tags


def test_a_tag_survives_a_relay_that_folds_case() -> None:
    tag = tags.sign(4711)
    assert tags.open(tag) == tags.open(tag.upper()) == tags.open(f" {tag} ") == 4711
    assert len(tag) < 32
    assert set(tag) <= set("abcdefghijklmnopqrstuvwxyz0123456789.")


@pytest.mark.parametrize(
    "forged", ["", ".", "1267", "1267.", "zz.aaaaaaaaaaaaaaaa", "1267.aaaaaaaaaaaaaaaa", "9" * 40 + ".a", "1267.è"]
)
def test_what_we_did_not_sign_opens_nothing(forged: str) -> None:
    assert tags.open(forged) is None


def test_a_signature_belongs_to_one_conversation() -> None:
    number, _, signature = tags.sign(1).partition(".")
    assert tags.open(f"{int(number, 16) + 1:x}.{signature}") is None
