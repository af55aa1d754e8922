"""The file of ranks as OpenAI publishes it, recreated from the one in the package."""

from binascii import b2a_base64

from mcp_server.tokenizer.o200k import packed_ranks, unpack_ranks


def published_ranks() -> bytes:
    """Lines of `base64 rank`; their hash is that of the published file."""
    return b"".join(
        b2a_base64(token, newline=False) + f" {rank}\n".encode() for token, rank in unpack_ranks(packed_ranks()).items()
    )
