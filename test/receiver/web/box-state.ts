import type { DemoService } from '../lineup/services.ts';
import type { Tuners } from '../stream/tuners.ts';

/** What the web interface tells of the box, and what it may change. */
export interface BoxState {
  standby: boolean;
  /** What the television in the living room shows. */
  current: DemoService;
  readonly tuners: Tuners;
  readonly streamPort: number;
  readonly relayPort: number;
  /** Services being streamed, one entry for each reader. */
  readonly streaming: readonly DemoService[];
}
