"""The selection rule holds for any set of editions, whatever their order."""

from hypothesis import given
from hypothesis import strategies as st

from geo_service.layers.edition import Edition, EditionChoice, governing_edition

MOMENTS = st.integers(0, 20)


@st.composite
def published_editions(draw):
    pairs = draw(st.lists(st.tuples(MOMENTS, MOMENTS), max_size=8))
    return [
        Edition(number, published, effective, False, "", "", str(number))
        for number, (published, effective) in enumerate(sorted(pairs), start=1)
    ]


@given(published_editions(), MOMENTS, MOMENTS, st.randoms(use_true_random=False))
def test_the_governing_edition_beats_every_other_candidate(editions, as_of_s, known_at_s, random):
    choice = EditionChoice(as_of_s, known_at_s)
    found = governing_edition(editions, choice, now_s=0)
    candidates = [
        each
        for each in editions
        if each.published_at_s <= known_at_s and each.effective_from_s <= as_of_s
    ]
    assert (found is None) == (not candidates)
    assert all(
        (found.effective_from_s, found.number) >= (each.effective_from_s, each.number)
        for each in candidates
    )
    random.shuffle(editions)
    assert governing_edition(editions, choice, now_s=0) == found
