import type { EpgEvent } from '#daemon/receiver/model.ts';

/** An event with only what the test is about. */
export function event(fields: Partial<EpgEvent> = {}): EpgEvent {
  return {
    id: 1,
    ref: '1:0:19:283D:3FB:1:C00000:0:0:0:',
    title: 'Tatort',
    shortDescription: '',
    longDescription: '',
    startSeconds: 1_700_000_000,
    durationSeconds: 5400,
    genreId: 0,
    ...fields,
  };
}
