"""What a batch would make: the chapters of a book (`--list`), or a whole run (`--dry-run`)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tts.synthesis import Synthesizer, load
from tts.text.files.chapter_selection import EVERY_PART

from .audio.format import OutputFormat
from .estimate import Estimate, Estimator, count_words
from .inputs.book import add_book, open_book
from .inputs.builder import BatchInputBuilder
from .inputs.chapters import BookPart, select_parts
from .inputs.read import check_book, read_input
from .item import BatchInput, BatchItem
from .join import chapter_stem
from .run import BatchJob, root_files, unfinished
from .worker import JobConfig

MAX_TITLE_WIDTH = 44  # characters of a title in the list; chosen by hand
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class PartEstimate:
    """A part of a book, its words, and what its audio will take."""

    part: BookPart
    words: int
    estimate: Estimate


def list_chapters(batch: BatchJob, form: OutputFormat) -> Iterator[str]:
    """The lines of `tts batch --list`: every part of a book with its number and its length.

    Args:
        batch: the job; its output folder is not used.
        form: the format whose size is estimated.

    Raises:
        ValueError: the input is no book, cannot be read, or lacks a chapter that is asked for.
    """
    reader, path = batch.reader, batch.source
    check_book(path, reader)
    book = open_book(path, reader)
    builder = BatchInputBuilder(replace(reader, selection=EVERY_PART), path.stem, path.name)
    add_book(book, builder)
    listing, parts = builder.listing(), select_parts(book, reader.selection)
    found = _estimated(listing, parts, _synthesizer(batch.config), form)
    by = f", by {listing.author}" if listing.author else ""
    yield f"{listing.title}{by}"
    yield from _table(found, form)
    for note in listing.notes:
        yield f"note: {note}"


def describe_run(batch: BatchJob, form: OutputFormat) -> Iterator[str]:
    """The lines of `tts batch --dry-run`: what a run would make; nothing is written.

    Args:
        batch: the job.
        form: the format whose size is estimated.

    Raises:
        ValueError: as for `run`, as far as it is known before anything is made.
    """
    listing = read_input(batch.source, batch.reader)
    left = unfinished(batch, listing)
    config = replace(batch.config, voices=(*batch.config.voices, *listing.voice_files))
    whole = Estimator(_synthesizer(config), listing.items, form).estimate(listing.items)
    items, done = len(listing.items), len(listing.items) - len(left)
    yield (
        f"{_count(items, 'item')}, {done} of them finished already"
        if done
        else _count(items, "item")
    )
    yield (
        f"about {_minutes(whole)} minutes of speech, "
        f"{_megabytes(whole)} MB of {form.format} for each kind of file"
    )
    for name in _outputs(batch, listing):
        yield f"would write {name}"
    for part in listing.left_out:
        yield f"left out: {part.number} {part.title} ({part.why})"
    for note in listing.notes:
        yield f"note: {note}"
    for wrong in listing.errors:
        yield f"{listing.place(wrong.line, wrong.chapter, wrong.text)}: {wrong.message}"


def _synthesizer(config: JobConfig) -> Synthesizer:
    """The models, in this process."""
    options = config.options()
    return load(
        config.acoustic,
        config.vocoder,
        device=options.device,
        runtime=options.runtime,
        precision=options.precision,
        threads=options.threads,
        voices=config.voices,
        voice_dir=config.voice_dir,
    )


def _estimated(
    listing: BatchInput, parts: Sequence[BookPart], synthesizer: Synthesizer, form: OutputFormat
) -> list[PartEstimate]:
    """The parts with their lengths; a part without words has none."""
    estimator = Estimator(synthesizer, listing.items, form)
    items = defaultdict[int, list[BatchItem]](list)
    for item in listing.items:
        items[listing.numbers[item.chapter - 1]].append(item)
    return [
        PartEstimate(part, count_words(part.text), estimator.estimate(items[part.number]))
        for part in parts
    ]


def _table(found: Sequence[PartEstimate], form: OutputFormat) -> Iterator[str]:
    read = [one for one in found if not one.part.why]
    told = f"{len(read)} of {_count(len(found), 'part')}"
    width = min(MAX_TITLE_WIDTH, max(len(one.part.title) for one in found))
    width = max(width, len("Chapter"), len(told))
    size = f"MB as {form.format}"

    def line(number: str, title: str, words: str, minutes: str, megabytes: str) -> str:
        cells = f"{number:>4}  {_shortened(title, width):<{width}}  {words:>8}  {minutes:>8}"
        return f"{cells}  {megabytes:>{len(size)}}"

    yield line("No.", "Chapter", "Words", "Minutes", size)
    for one in found:
        number, why = str(one.part.number), one.part.why
        if why:
            cells = line(number, one.part.title, f"{one.words:,}", "", "").rstrip()
            yield f"{cells}  left out: {why}"
        else:
            minutes, megabytes = _minutes(one.estimate), _megabytes(one.estimate)
            yield line(number, one.part.title, f"{one.words:,}", minutes, megabytes)
    total = Estimate(
        sum(one.estimate.seconds for one in read), sum(one.estimate.bytes for one in read)
    )
    words = f"{sum(one.words for one in read):,}"
    yield line("", told, words, _minutes(total), _megabytes(total))


def _outputs(batch: BatchJob, listing: BatchInput) -> Iterator[str]:
    """The audio files and tables of a run; the files of items are counted."""
    if batch.config.form:
        yield _count(len(listing.items), f"file in {batch.out / 'audio'}")
    if batch.join and batch.join.chapters:
        for number in sorted({item.chapter for item in listing.items}):
            yield f"{batch.out / chapter_stem(listing, number)}.{batch.join.form.format}"
    yield from map(str, root_files(batch))


def _minutes(estimate: Estimate) -> str:
    return f"{estimate.seconds / 60:,.1f}"


def _megabytes(estimate: Estimate) -> str:
    return f"{estimate.bytes / MEGABYTE:,.1f}"


def _shortened(title: str, width: int) -> str:
    return title if len(title) <= width else f"{title[: width - 3].rstrip()}..."


def _count(count: int, one: str) -> str:
    """A count with its noun, whose first word takes the plural."""
    noun, _, rest = one.partition(" ")
    return f"{count:,} {noun}{'s' * (count != 1)}{' ' * bool(rest)}{rest}"
