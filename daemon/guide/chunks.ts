/** Joins small pieces into chunks of about `size` characters, so that a stream is not fed line by line. */
export function* inChunks(pieces: Iterable<string>, size = 32_768): Generator<string> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < size) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
