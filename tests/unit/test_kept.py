"""What was slow to make is made once, and the oldest is let go."""

import gc

from geo_service.services.kept import LARGE_BLOCKS, Kept


def _asking(kept):
    """Return a way to ask, and the list of what was made for it."""
    made = []

    def ask(key):
        return kept.get(key, lambda: made.append(key) or key.upper())

    return ask, made


def test_a_kept_value_is_not_made_again():
    ask, made = _asking(Kept(2))
    assert [ask("a"), ask("b"), ask("a")] == ["A", "B", "A"]
    assert made == ["a", "b"]


def test_the_value_asked_for_longest_ago_goes_first():
    ask, made = _asking(Kept(2))
    for key in "abaca":
        ask(key)
    assert made == ["a", "b", "c"]
    ask("b")
    assert made == ["a", "b", "c", "b"]


def test_a_value_that_could_not_be_made_is_tried_again():
    kept = Kept(2)

    def fail():
        raise OSError

    for make in (fail, lambda: 1):
        try:
            found = kept.get("a", make)
        except OSError:
            continue
    assert found == 1


def test_what_is_large_is_left_out_of_collections_and_what_is_small_is_not():
    objects = LARGE_BLOCKS // 2  # a list in a list, of two blocks each: its head and its items
    for count, is_left_out in ((100, False), (objects, True)):
        gc.unfreeze()
        gc.collect()  # what others left behind and is freed meanwhile would count against the value
        kept = Kept(1, may_be_large=True)
        value = kept.get("a", lambda count=count: [[i] for i in range(count)])
        assert len(value) == count
        assert (gc.get_freeze_count() > count) == is_left_out
    gc.unfreeze()
