/** Many StreamReaders in a process of their own. */
import { answerParent } from './child.ts';
import { type ReaderReport, StreamReader } from './stream-reader.ts';

export type ReadersMessage =
  | { readonly kind: 'open'; readonly urls: readonly string[] }
  | { readonly kind: 'reset' | 'report' | 'close' };

let readers: StreamReader[] = [];

answerParent<ReadersMessage, readonly ReaderReport[]>((message) => {
  if (message.kind === 'open') readers = message.urls.map((url) => new StreamReader(url));
  if (message.kind === 'reset') for (const reader of readers) reader.reset();
  const reports = readers.map((reader) => reader.report());
  if (message.kind === 'close') for (const reader of readers.splice(0)) reader.close();
  return reports;
});
