"""Descriptions against the same specifications as another project wrote them down, item by item, bit by bit."""

from __future__ import annotations

from typing import Any

import pytest
from asterix import base, generated

from lowsky.wire.asterix.description import CATEGORIES, EXPANSIONS, category, editions, name_of
from lowsky.wire.asterix.layout import (
    ASCII,
    ICAO,
    OCTAL,
    RANDOM,
    RAW,
    SIGNED,
    SPARE,
    UNSIGNED,
    Compound,
    Explicit,
    Extended,
    Field,
    Fixed,
    Layout,
    Repetitive,
    Scale,
)

TEXT = {base.StringAscii: ASCII, base.StringICAO: ICAO, base.StringOctal: OCTAL}
OTHER_SCALE = {("010", "202"), ("010", "210")}  # 1/4 in ours: the only one that fits the ranges of these items
MANIFEST: Any = generated.manifest
THEIRS = [
    (name_of(number), f"{spec.cv_edition[0]}.{spec.cv_edition[1]}", spec)
    for number, specs in MANIFEST["CATS"].items()
    if number in CATEGORIES
    for spec in specs
]


def _scale(content: Any) -> Scale:
    if issubclass(content, base.ContentString):
        return Scale(TEXT[content.cv_string_type])
    if not issubclass(content, base.ContentInteger | base.ContentQuantity):
        return Scale(RAW)
    kind = SIGNED if issubclass(content.cv_signedness, base.Signed) else UNSIGNED
    if issubclass(content, base.ContentInteger):
        return Scale(kind)
    return Scale(kind, content.cv_lsb, content.cv_unit)


def _element(name: str, variation: Any) -> Field:
    rule = variation.cv_rule
    if issubclass(rule, base.RuleContentDependent):
        ((*_, other),) = rule.cv_depends_on
        cases = tuple((value, _scale(content)) for (value,), content in rule.cv_cases)
        return Field(name, variation.cv_bit_size, depends=(other, cases))
    return Field(name, variation.cv_bit_size, _scale(rule.cv_content))


def _field(item: Any) -> Field:
    if issubclass(item, base.Spare):
        return Field(SPARE, item.cv_bit_size)
    named = item.cv_non_spare
    variation = _variation(named)
    if issubclass(variation, base.Group):
        group = tuple(_field(inner) for inner, _ in variation.cv_items_list)
        return Field(named.cv_name, sum(f.bits for f in group), group=group)
    return _element(named.cv_name, variation)


def _variation(named: Any) -> Any:
    rule = named.cv_rule
    dependent = issubclass(rule, base.RuleVariationDependent)
    return rule.cv_default_variation if dependent else rule.cv_variation


def _layout(variation: Any) -> Layout:
    if issubclass(variation, base.Element):
        return Fixed((_element("", variation),))
    if issubclass(variation, base.Group):
        return Fixed(tuple(_field(item) for item, _ in variation.cv_items_list))
    if issubclass(variation, base.Extended):
        assert all(part[-1] is None for part in variation.cv_items_list[:-1])
        return Extended(tuple(Fixed(tuple(_field(i[0]) for i in part if i)) for part in variation.cv_items_list))
    if issubclass(variation, base.Repetitive):
        element = _layout(variation.cv_variation)
        assert isinstance(element, Fixed)
        return Repetitive(element, variation.cv_rep_bytes or 0)
    if issubclass(variation, base.Explicit):
        return Explicit()
    return Compound(tuple(named and (named.cv_name, _layout(_variation(named))) for named in variation.cv_items_list))


def _quantities(layout: Layout, lsb: float) -> Layout:
    assert isinstance(layout, Fixed)
    return Fixed(tuple(Field(f.name, f.bits, Scale(f.scale.kind, lsb, f.scale.unit)) for f in layout.fields))


@pytest.mark.parametrize(("name", "edition", "spec"), THEIRS, ids=[f"{name}-{edition}" for name, edition, _ in THEIRS])
def test_every_edition_is_as_others_describe_it(name: str, edition: str, spec: Any) -> None:
    ours = category(name, edition)
    single = issubclass(spec.cv_uap, base.UapSingle)
    profiles = [spec.cv_uap.cv_record] if single else list(spec.cv_uap.cv_uaps.values())
    assert len(ours.profiles) == len(profiles)
    for profile, record in zip(ours.profiles, profiles, strict=True):
        order = []
        for item in record.cv_items_list:
            if issubclass(item, base.UapItem):
                named = item.cv_non_spare
                order.append(named.cv_name)
                theirs = _layout(_variation(named))
                if (name, named.cv_name) in OTHER_SCALE:
                    theirs = _quantities(theirs, 0.25)
                assert ours.items[named.cv_name] == theirs, named.cv_name
            else:
                order.append(None if issubclass(item, base.UapItemSpare) else RANDOM)
        assert list(profile.order) == order


@pytest.mark.parametrize("name", EXPANSIONS)
def test_every_expansion_field_is_as_others_describe_it(name: str) -> None:
    specs = MANIFEST["REFS"][int(name[:3])]
    assert editions(name) == tuple(f"{s.cv_edition[0]}.{s.cv_edition[1]}" for s in specs)
    for edition, spec in zip(editions(name), specs, strict=True):
        ours = category(name, edition)
        named = [n for n in spec.cv_expansion.cv_items_list if n is not None]
        assert ours.items == {n.cv_name: _layout(_variation(n)) for n in named}
        assert ours.fspec_octets == spec.cv_expansion.cv_type[1]


def test_all_that_is_described_was_compared_but_one() -> None:
    assert {(name_of(n), e) for n in CATEGORIES for e in editions(name_of(n))} == {
        *((name, edition) for name, edition, _ in THEIRS),
        ("129", "1.2"),  # nobody else describes it; see test_reading
    }


def test_names_of_categories_and_what_is_not_described() -> None:
    assert [name_of(x) for x in (48, "48", "048", "48re", "048RE")] == ["048", "048", "048", "048re", "048re"]
    with pytest.raises(KeyError, match="category 247"):
        editions("247")
    with pytest.raises(KeyError, match=r"edition '1\.0' of category 048 is not one of 1\.27"):
        category("048", "1.0")
