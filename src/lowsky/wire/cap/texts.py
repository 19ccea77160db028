"""What alerts say, in two languages, and which of the standard's words stand for which level: declared once.

The words of the standard, section 3.2.2: Immediate "should be taken immediately", Expected "soon (within next hour)",
Past "no longer required"; Extreme "extraordinary threat", Severe "significant", Moderate "possible", Minor "minimal to
no known threat"; Observed "determined to have occurred or to be ongoing", Likely "p > ~50%", Possible "p <= ~50%",
Unlikely "p ~ 0".
"""

from __future__ import annotations

from dataclasses import dataclass

from lowsky.model.kinds import Kind
from lowsky.model.notice import Level


@dataclass(frozen=True, slots=True)
class LevelWords:
    """A level in the standard's words."""

    urgency: str
    severity: str
    responses: tuple[str, ...]


LEVEL_WORDS: dict[Level, LevelWords] = {
    Level.CLEAR: LevelWords("Past", "Minor", ("AllClear",)),
    Level.WATCH: LevelWords("Expected", "Moderate", ("Monitor", "Prepare")),
    Level.WARNING: LevelWords("Immediate", "Severe", ("Shelter",)),
    Level.IMMINENT: LevelWords("Immediate", "Extreme", ("Shelter",)),
}

LIKELY = 0.5  # probability of coming above which an alert says Likely
UNLIKELY = 0.05  # and below which it says Unlikely


def certainty_of(level: Level, probability: float, arrived: bool) -> str:
    """The standard's word for how sure it is that objects come, or have come."""
    if level is Level.CLEAR or probability < UNLIKELY:
        return "Unlikely"
    if arrived and probability > LIKELY:
        return "Observed"
    return "Likely" if probability > LIKELY else "Possible"


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code (RFC 3066) and its sentences. In braces: place, count, kinds, times, percent, offset."""

    code: str
    event: str
    exercise: str  # before every headline of an exercise
    headlines: dict[Level, str]
    instructions: dict[Level, str]
    objects: str
    arrival: str
    arrival_span: str
    probability: str
    cleared: str
    kinds: dict[Kind, str]
    heartbeat: str


ENGLISH = Language(
    code="en-GB",
    event="Low-flying object approaching",
    exercise="EXERCISE: ",
    headlines={
        Level.CLEAR: "All clear: {place}",
        Level.WATCH: "Watch: low-flying objects may come to {place}",
        Level.WARNING: "Warning: low-flying objects are coming to {place}",
        Level.IMMINENT: "Imminent: low-flying objects are about to reach {place}",
    },
    instructions={
        Level.CLEAR: "The warning for {place} is lifted. Do not touch objects that have come down; report them.",
        Level.WATCH: "Stay alert, keep near a shelter and follow further messages.",
        Level.WARNING: "Take shelter: go indoors, away from windows, and stay there until the all-clear.",
        Level.IMMINENT: "Take shelter now. Stay away from windows until the all-clear.",
    },
    objects="Objects: {count} ({kinds}).",
    arrival="Expected at {place} at {at} (UTC{offset}).",
    arrival_span="Expected at {place} at {at}, between {early} and {late} (UTC{offset}).",
    probability="Probability of coming: {percent} %.",
    cleared="No object is expected at {place} any more.",
    kinds={
        Kind.UNKNOWN: "kind unknown",
        Kind.MULTIROTOR: "multirotor",
        Kind.FIXED_WING: "fixed wing",
        Kind.BIRD: "bird",
        Kind.BALLOON: "balloon",
        Kind.AIRCRAFT: "aircraft",
        Kind.VESSEL: "vessel",
    },
    heartbeat="lowsky is running. If no such message comes before this one expires, it is not.",
)

KOREAN = Language(
    code="ko-KR",
    event="저고도 비행체 접근",
    exercise="[훈련] ",
    headlines={
        Level.CLEAR: "상황 해제: {place}",
        Level.WATCH: "주의: {place} 방면으로 저고도 비행체 접근 가능",
        Level.WARNING: "경보: {place} 방면으로 저고도 비행체 접근 중",
        Level.IMMINENT: "긴급: {place}에 저고도 비행체 도달 임박",
    },
    instructions={
        Level.CLEAR: "{place}에 내려진 경보가 해제되었습니다. 떨어진 물체는 만지지 말고 신고하십시오.",
        Level.WATCH: "주위를 살피고 대피할 곳 가까이에서 다음 안내를 기다리십시오.",
        Level.WARNING: "대피하십시오. 실내로 들어가 창문에서 떨어져 해제될 때까지 머무르십시오.",
        Level.IMMINENT: "즉시 대피하십시오. 해제될 때까지 창문에서 떨어져 있으십시오.",
    },
    objects="비행체 {count}개({kinds}).",
    arrival="{place} 도달 예상 시각 {at}(UTC{offset}).",
    arrival_span="{place} 도달 예상 시각 {at}, 범위 {early}~{late}(UTC{offset}).",
    probability="도달 확률 {percent} %.",
    cleared="{place}에 접근하는 비행체가 더 이상 없습니다.",
    kinds={
        Kind.UNKNOWN: "종류 미상",
        Kind.MULTIROTOR: "멀티콥터",
        Kind.FIXED_WING: "고정익",
        Kind.BIRD: "새",
        Kind.BALLOON: "풍선",
        Kind.AIRCRAFT: "항공기",
        Kind.VESSEL: "선박",
    },
    heartbeat="lowsky가 작동 중입니다. 이 메시지가 만료되기 전에 다음 메시지가 오지 않으면 작동이 멈춘 것입니다.",
)

LANGUAGES: dict[str, Language] = {"en": ENGLISH, "ko": KOREAN}
