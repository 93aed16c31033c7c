import type { RecordingCommand } from '../receiver/client.ts';
import type { FileRange, OpenFile } from '../receiver/file-stream.ts';
import type { BoxTimer, CommandResult, MovieFolder } from '../receiver/model.ts';

/** What recordings need of a receiver. */
export interface RecordingReceiver {
  readonly address: string;
  recordingCommand(
    name: RecordingCommand,
    query: Readonly<Record<string, string>>,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<CommandResult>;
  timers(options?: { signal?: AbortSignal | undefined }): Promise<BoxTimer[]>;
  movies(folder: string | null, options?: { signal?: AbortSignal | undefined }): Promise<MovieFolder>;
  locations(options?: { signal?: AbortSignal | undefined }): Promise<string[]>;
  openFile(path: string, range: FileRange): Promise<OpenFile>;
}

/** Who reads the timers of all boxes anyway. */
export interface TimerFeed {
  onTimers(listener: (box: string, timers: readonly BoxTimer[]) => void): () => void;
  /** Never rejects. */
  refreshTimers(box: string, options: { maxAgeMs: number }): Promise<void>;
}
