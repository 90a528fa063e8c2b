"""Which text belongs to which recording, in every layout that is in use."""

import json
import os

import numpy as np
import pytest
import soundfile
from tts.training.voices.recordings.gather import check_source
from tts.training.voices.recordings.transcripts import check_english, list_utterances

TEXT = "Call me at 5 p.m."


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "recordings"


@pytest.fixture
def put(folder):
    """Writes files: recordings are a tenth of a second of noise, others are text or bytes."""

    def write(**files):
        for name, content in files["files"].items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                soundfile.write(path, np.full(800, 0.1), 8000)
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return lambda files: write(files=files)


def listed(folder, source=None):
    return list_utterances(source or folder, folder.parent / "voice")


def texts(folder, source=None):
    found = listed(folder, source).utterances
    return {str(one.audio.relative_to(folder)): one.text for one in found}


def reasons(folder):
    return {(one.name, one.kind): one.reason for one in listed(folder).left_out}


ONE = {
    "metadata.csv": f"a|{TEXT}|Call me at five P M\n",
    "header/metadata.csv": f"id|text|normalised\na|{TEXT}|Call me\n",
    "with the ending.csv": f"wavs/a.wav|{TEXT}\n",
    "other ending.csv": f"a.mp3|{TEXT}\n",
    "quoted.csv": f'a|"{TEXT}"|x\n',
    "byte order mark.csv": b"\xef\xbb\xbf" + f"a|{TEXT}\r\n".encode(),
    "utf-16.csv": f"a|{TEXT}\r\n".encode("utf-16"),
    "comma.csv": f'file_name,transcription\nwavs/a.wav,"{TEXT}"\n',
    "semicolon.csv": f"text;audio\n{TEXT};a.wav\n",
    "headless.csv": f"a.wav,{TEXT}\n",
    "tab.tsv": f"client_id\tpath\tsentence\tup_votes\n1\ta.mp3\t{TEXT}\t2\n",
    "speaker.csv": f"a|7|{TEXT}\n",
    "windows path.csv": f"C:\\voices\\wavs\\A.WAV|{TEXT}\n",
    "rows.jsonl": json.dumps({"audio_filepath": "wavs/a.wav", "text": TEXT}),
    "audio.jsonl": json.dumps({"audio": {"path": "a.wav"}, "sentence": TEXT}),
    "list.json": json.dumps([{"file": "a.wav", "transcript": TEXT}]),
    "wavs/a.txt": "Call me\nat 5 p.m.\n",
    "wavs/A.lab": TEXT,
    "txt/a.txt": TEXT,
    "wavs/a.normalized.txt": TEXT,
    "transcripts.txt": f"a|{TEXT}\n",
    "1.trans.txt": f"a {TEXT}\n",
    "text": f"a {TEXT}\n",
    "script of it all.txt": TEXT,
}


@pytest.mark.parametrize("name", ONE)
def test_a_transcript_is_found(name, put, folder):
    put({"wavs/a.wav": None, name: ONE[name]})
    assert texts(folder) == {"wavs/a.wav": TEXT}
    assert not listed(folder).left_out


def test_quotes_within_a_text_quote_no_field(put, folder):
    put({
        "a.wav": None, "b.wav": None, "c.wav": None,
        "metadata.csv": 'a|"Yes," he wrote, "no."|x\nb|He wrote "no|x\nc|"Unclosed|x\n',
    })  # fmt: skip
    assert texts(folder) == {
        "a.wav": '"Yes," he wrote, "no."', "b.wav": 'He wrote "no', "c.wav": '"Unclosed'
    }  # fmt: skip


def test_a_field_in_quotes_may_have_commas_and_lines(put, folder):
    put({"a.wav": None, "b.wav": None, "list.csv": 'file,text\na.wav,"One,\ntwo."\nb.wav,Three.\n'})
    assert texts(folder) == {"a.wav": "One, two.", "b.wav": "Three."}


def test_other_encodings_are_read(put, folder):
    put({"a.wav": None, "a.txt": "A caf\xe9 \x96 open.".encode("latin-1")})
    assert texts(folder) == {"a.wav": "A café \u2013 open."}
    assert listed(folder).notes == ["a.txt is not UTF-8; it is read as Windows-1252"]


def test_names_are_of_any_script_and_case(put, folder):
    put({"Голос/Über 1.WAV": None, "b.FLAC": None, "metadata.csv": "über 1|One.\nB|Two.\n"})
    assert texts(folder) == {"Голос/Über 1.WAV": "One.", "b.FLAC": "Two."}


def test_recordings_of_one_name_are_told_apart_by_folder(put, folder):
    put({"a/1.wav": None, "b/1.wav": None, "list.csv": "a/1|One.\nb/1|Two.\n1|Which?\n"})
    assert texts(folder) == {"a/1.wav": "One.", "b/1.wav": "Two."}
    assert reasons(folder) == {("line 3 of list.csv", "recording"): "there is no recording '1'"}


def test_each_folder_has_its_own_table(put, folder):
    put({
        "a/1.wav": None, "a/metadata.csv": "1|One.\n", "b/1.wav": None, "b/metadata.csv": "1|Two.\n"
    })  # fmt: skip
    assert texts(folder) == {"a/1.wav": "One.", "b/1.wav": "Two."}


def test_rows_and_recordings_without_each_other_are_listed(put, folder):
    put({"a.wav": None, "b.wav": None, "metadata.csv": "a|One.\nc|Two.\nd\n"})
    assert texts(folder) == {"a.wav": "One.", "b.wav": None}
    assert reasons(folder) == {
        ("line 2 of metadata.csv", "recording"): "there is no recording 'c'",
        ("line 3 of metadata.csv", "row"): "expected a recording and its text, got 'd'",
    }


def test_a_line_that_is_not_json_is_listed(put, folder):
    put({"a.wav": None, "list.jsonl": '{"file": "a.wav", "text": "One."}\n{"file": "b.wav"\n'})
    assert texts(folder) == {"a.wav": "One."}
    assert reasons(folder) == {
        ("line 2 of list.jsonl", "row"): 'expected JSON, got \'{"file": "b.wav"\''
    }


def test_a_table_with_short_rows_keeps_the_others(put, folder):
    put({"a.wav": None, "list.csv": "file,text,start\na.wav,One.,0\na.wav,Two\na.wav,Three.,x\n"})
    found = listed(folder)
    assert [one.text for one in found.utterances] == ["One."]
    assert [(one.name, one.reason) for one in found.left_out] == [
        ("line 3 of list.csv", "it has 2 columns and not 3"),
        ("line 4 of list.csv", "start must be a number of seconds, got 'x'"),
    ]


@pytest.mark.parametrize("name", ["talk.srt", "talk.vtt", "talk.en.srt"])
def test_subtitles_are_cut_into_sentences(name, put, folder):
    head = "WEBVTT\n\n" if name.endswith("vtt") else ""
    cues = (
        "1\n00:00:01.000 --> 00:00:02.000\n<i>I was</i>\n\n"
        "2\n00:00:02.100 --> 00:00:03.000\nhere. [music]\n\n"
        "3\n00:00:03.200 --> 00:00:04.000\n(sighs)\n\n"
        "4\n00:00:05.000 --> 00:00:06.000\n- Me &amp; you.\n"
    )
    put({"talk.wav": None, name: head + (cues if head else cues.replace(".000", ",000"))})
    found = [(one.start, one.stop, one.text) for one in listed(folder).utterances]
    assert found == [(0.85, 3.15, "I was here."), (4.85, 6.15, "Me & you.")]


def test_rows_have_times_in_seconds(put, folder):
    rows = [
        {"audio": "a.wav", "text": "Two.", "offset": 3, "duration": 1.5},
        {"audio": "a.wav", "text": "One.", "start": 0, "end": "2.5"},
        {"audio": "a.wav", "text": "Bad.", "start": 2, "end": 1},
    ]
    put({"a.wav": None, "rows.jsonl": "\n".join(map(json.dumps, rows))})
    found = [(one.start, one.stop, one.text) for one in listed(folder).utterances]
    assert found == [(0, 2.5, "One."), (3, 4.5, "Two.")]
    assert list(reasons(folder).values()) == ["it must end after it starts, got 2 s to 1 s"]


@pytest.mark.parametrize("time", ["NaN", "Infinity", "1e400", "1e308", "-5"])
def test_times_that_no_recording_has_are_faults(time, put, folder):
    row = '{"audio": "a.wav", "text": "A b.", "start": %s}\n'
    put({"a.wav": None, "a.jsonl": row % 1 + row % time})
    assert "start must be from 0 to 10000000 seconds, got" in str(reasons(folder))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
def test_pipes_and_devices_are_not_read(put, folder):
    put({"a.wav": None, "a.txt": TEXT})
    for name in ("b.wav", "b.txt"):
        os.mkfifo(folder / name)
    (folder / "c.wav").symlink_to("/dev/zero")
    (folder / "c.txt").write_text(TEXT)
    assert texts(folder) == {"a.wav": TEXT}
    with pytest.raises(ValueError, match=r"b\.wav: it is a device or a pipe"):
        check_source(folder / "b.wav", folder.parent / "voice")


def test_kaldi_folders_are_read_and_commands_are_not_run(put, folder):
    put({
        "a.wav": None, "text": "u1 One.\nu2 Two.\nu3 Three.\n",
        "wav.scp": "r1 a.wav\nu3 sox a.wav -t wav - |\n", "segments": "u1 r1 0 1\nu2 r1 1 2.5\n",
    })  # fmt: skip
    found = [(one.start, one.stop, one.text) for one in listed(folder).utterances]
    assert found == [(0, 1, "One."), (1, 2.5, "Two.")]
    assert list(reasons(folder).values()) == ["wav.scp has no file for 'u3'"]


def test_one_recording_and_its_script(put, folder):
    put({"talk.wav": None, "talk.txt": "One\nline.\n\nTwo.\n", "other.wav": None})
    assert texts(folder, folder / "talk.wav") == {"talk.wav": "One line.\n\nTwo."}
    assert texts(folder, folder / "talk.txt") == {"talk.wav": "One line.\n\nTwo."}


def test_a_table_may_be_the_source(put, folder):
    put({"wavs/a.wav": None, "a.csv": "a|One.\n", "b.csv": "a|Two.\n"})
    assert texts(folder, folder / "b.csv") == {"wavs/a.wav": "Two."}


def test_other_languages_are_left_out(put, folder):
    put({"a.wav": None, "b.wav": None, "metadata.csv": "a|Привет, мир.\nb|The café.\n"})
    assert texts(folder) == {"b.wav": "The café."}
    assert reasons(folder) == {("a.wav", "language"): "its text is not English: 'Привет, мир.'"}


GERMAN = "Am nächsten Morgen war der Himmel klar, und die Kinder liefen zum Fluss hinunter."
ENGLISH = "The next morning the sky was clear, and the children ran down to the river."


def test_other_languages_in_latin_letters_are_refused():
    with pytest.raises(ValueError, match=r"must be in English; of 140 words only 0 are common"):
        check_english([GERMAN] * 10)
    check_english([ENGLISH] * 10)
    check_english([GERMAN] * 3)  # too few to tell
    check_english(["Seven", "eight", "nine"] * 100)


def test_a_copy_in_another_format_is_left_out(put, folder):
    put({"a.mp3": b"x", "a.wav": None, "a.txt": TEXT})
    assert texts(folder) == {"a.wav": TEXT}
    assert reasons(folder) == {("a.mp3", "duplicate"): "a.wav is the same recording"}


def test_a_text_without_words_is_none(put, folder):
    put({"a.wav": None, "a.txt": " ...\n"})
    assert texts(folder) == {"a.wav": None}


def test_hidden_files_labels_and_the_work_folder_are_not_read(put, folder):
    put({
        "a.wav": None, "a.lab": "0 5000 sil\n5000 9000 ah\n", ".hidden/b.wav": None,
        "__MACOSX/a.wav": None, "._a.wav": None, "voice/clips/c.wav": None,
        "prices.csv": "item,price\npen,2\n",
    })  # fmt: skip
    found = list_utterances(folder, folder / "voice")
    assert [(one.audio.name, one.text) for one in found.utterances] == [("a.wav", None)]
    assert [one.reason for one in found.left_out] == ["it has no columns of recordings and texts"]


def test_a_circle_of_links_ends(put, folder):
    put({"a/1.wav": None})
    (folder / "a" / "again").symlink_to(folder)
    assert list(texts(folder)) == ["a/1.wav"]


def test_what_cannot_be_a_source_is_refused(put, folder):
    with pytest.raises(FileNotFoundError, match=r"no such file: .*recordings"):
        listed(folder)
    put({"notes.pdf": "%PDF"})
    with pytest.raises(ValueError, match=r"no recordings in .*; expected wav, flac, mp3"):
        listed(folder)
    with pytest.raises(ValueError, match=r"cannot read .*notes.pdf: not a sound file or a tran"):
        listed(folder, folder / "notes.pdf")
