"""Asks a language model the prepared questions: log-probabilities of the two answers, nothing generated.

    .tools/reading/env/bin/python benchmarks/reading/model.py MODEL.gguf ASKED.jsonl ANSWERED.jsonl PART OF

Needs only llama-cpp-python. Works on every OF-th line, from PART (0 is the first), one thread each: two processes share
two cores better than two threads do while others use them. Appends a line for each and passes over those that
are there already, so an interrupted run continues.

Each text is read by the model once, and what two texts in succession begin with is not read again. The questions about
it follow as branches of one batch, so that a question costs its own tokens only.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import llama_cpp
import numpy as np

BEFORE = (
    "<|im_start|>system\nYou answer questions about a conversation, with nothing but the answer.<|im_end|>\n"
    "<|im_start|>user\n"
)
AFTER = "<|im_end|>\n<|im_start|>assistant\n"
"""The chat template of Qwen2.5, around the text and a question about it."""

CONTEXT, BATCH, BRANCHES = 12_288, 2048, 64


class Branch(NamedTuple):
    """Where an answer's first differing token is predicted, and the two tokens that are compared there."""

    row: int
    right: int
    wrong: int


class Model:
    """A GGUF model on one thread."""

    def __init__(self, path: str, *, threads: int = 1) -> None:
        llama_cpp.llama_backend_init()
        self._silence = llama_cpp.llama_log_callback(lambda *_: None)
        llama_cpp.llama_log_set(self._silence, None)
        self._model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
        wanted = llama_cpp.llama_context_default_params()
        wanted.n_ctx, wanted.n_batch, wanted.n_ubatch, wanted.n_seq_max = CONTEXT, BATCH, 512, BRANCHES
        wanted.n_threads = wanted.n_threads_batch = threads
        wanted.kv_unified = True
        self._context = llama_cpp.llama_init_from_model(self._model, wanted)
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self._size = llama_cpp.llama_vocab_n_tokens(self._vocabulary)
        self._batch = llama_cpp.llama_batch_init(BATCH, 0, BRANCHES)
        self._read: list[int] = []

    def tokens(self, text: str, *, template: bool = False) -> list[int]:
        """The tokens of a text; special ones are recognised only in the template."""
        encoded = text.encode()
        room = (llama_cpp.llama_token * (len(encoded) + 8))()
        number = llama_cpp.llama_tokenize(self._vocabulary, encoded, len(encoded), room, len(room), False, template)
        return list(room[:number])

    def margins(self, work: dict[str, Any]) -> tuple[list[list[float]], int]:
        """For each question and order, the log-probability of the right answer above the wrong one; tokens read."""
        read = self.tokens(BEFORE, template=True) + self.tokens(f"{work['text']}\n\n")
        known = _shared(read, self._read)
        llama_cpp.llama_memory_seq_rm(self._memory, 0, known, -1)
        self._read = read
        for begin in range(known, len(read), BATCH):
            self._decode([(token, begin + at, [0], False) for at, token in enumerate(read[begin : begin + BATCH])])
        total, margins = len(read) - known, []
        for few in _few(work["questions"], (BRANCHES - 1) // 2):
            found, number = self._branches(few, len(read))
            margins += found
            total += number
        return margins, total

    def _branches(self, questions: Sequence[dict[str, Any]], begin: int) -> tuple[list[list[float]], int]:
        rows: list[tuple[int, int, list[int], bool]] = []
        branches: list[list[Branch]] = []
        after = self.tokens(AFTER, template=True)
        free = 1
        for question in questions:
            own = list(range(free, free + len(question["askings"])))
            free += len(own)
            stem = self.tokens(question["stem"])
            rows += [(token, begin + at, own, False) for at, token in enumerate(stem)]
            branches.append([])
            for sequence, (ending, right, wrong) in zip(own, question["askings"], strict=True):
                shared, first, other = _differing(self.tokens(right), self.tokens(wrong))
                tokens = self.tokens(ending) + after + shared
                rows += [
                    (token, begin + len(stem) + at, [sequence], at == len(tokens) - 1)
                    for at, token in enumerate(tokens)
                ]
                branches[-1].append(Branch(len(rows) - 1, first, other))
        for sequence in range(1, free):
            llama_cpp.llama_memory_seq_cp(self._memory, 0, sequence, -1, -1)
        margins: dict[int, np.ndarray[Any, Any]] = {}
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            self._decode(part)
            for at, (_, _, _, wanted) in enumerate(part):
                if wanted:
                    pointer = llama_cpp.llama_get_logits_ith(self._context, at)
                    margins[start + at] = np.ctypeslib.as_array(pointer, shape=(self._size,)).copy()
        for sequence in range(1, free):
            llama_cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        found = [
            [round(float(margins[one.row][one.right] - margins[one.row][one.wrong]), 4) for one in several]
            for several in branches
        ]
        return found, len(rows)

    def _decode(self, rows: Sequence[tuple[int, int, list[int], bool]]) -> None:
        """Reads tokens, each with its position, its branches, and whether what follows it is wanted."""
        batch = self._batch
        batch.n_tokens = len(rows)
        for at, (token, position, sequences, wanted) in enumerate(rows):
            batch.token[at], batch.pos[at], batch.logits[at] = token, position, wanted
            batch.n_seq_id[at] = len(sequences)
            for place, sequence in enumerate(sequences):
                batch.seq_id[at][place] = sequence
        if problem := llama_cpp.llama_decode(self._context, batch):
            raise RuntimeError(f"The model cannot read {len(rows)} tokens: {problem}.")


def _few(questions: Sequence[dict[str, Any]], most: int) -> list[Sequence[dict[str, Any]]]:
    return [questions[at : at + most] for at in range(0, len(questions), most)]


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _differing(right: Sequence[int], wrong: Sequence[int]) -> tuple[list[int], int, int]:
    """The tokens two answers begin with, and the first of each that differs."""
    for at, (one, other) in enumerate(zip(right, wrong, strict=False)):
        if one != other:
            return list(right[:at]), one, other
    raise ValueError("One answer is the beginning of the other.")


def main(path: str, asked: str, answered: str, part: int, of: int) -> None:
    """Answers this part of the work, in its order."""
    done = (
        {json.loads(line)["name"] for line in Path(answered).read_text().splitlines()}
        if Path(answered).exists()
        else set()
    )
    model = Model(path)
    with Path(asked).open(encoding="utf-8") as lines, Path(answered).open("a", encoding="utf-8") as out:
        for number, line in enumerate(lines):
            work = json.loads(line)
            if number % of != part or work["name"] in done:
                continue
            begun = time.perf_counter()
            margins, tokens = model.margins(work)
            seconds = round(time.perf_counter() - begun, 1)
            out.write(json.dumps({"name": work["name"], "digest": work["digest"], "margins": margins}) + "\n")
            out.flush()
            print(f"{work['name']}: {tokens} tokens, {seconds} s", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
