import type { Fault, FaultSetting } from './faults.ts';
import type { InternetOptions } from './internet/provider.ts';
import type { DemoService } from './lineup/services.ts';
import type { MediaProgress } from './media/ensure.ts';

export interface ReceiverOptions {
  readonly host?: string;
  /** 0 takes any free one. */
  readonly httpPort?: number;
  readonly streamPort?: number;
  readonly relayPort?: number;
  /** UDP, for magic packets; null (default) has none. */
  readonly wakePort?: number | null;
  /** Login for web interface and stream server; null (default) asks for none. */
  readonly login?: { readonly user: string; readonly pass: string } | null;
  readonly tuners?: number;
  /**
   * The service that the television shows, for which it takes a tuner while the box is not in standby. Null (default): the
   * box names one and has no tuner for it until somebody zaps.
   */
  readonly live?: DemoService | null;
  /** Bouquets of services alone that play on the stream server: no markers, groups, scrambled ones. Default false. */
  readonly playableOnly?: boolean;
  /** Made-up services without pictures, beside the demo's. Default 0. */
  readonly syntheticServices?: number;
  /** Services that come over the network, in a bouquet of their own, and the provider that sends them; null (default) none. */
  readonly internet?: InternetOptions | null;
  /** Between taking the tuner and the beginning of a recording. Default 20 s, as Enigma2. */
  readonly prepareSeconds?: number;
  /** Until a recording that got no tuner asks again. Default 5 s, as Enigma2. */
  readonly retrySeconds?: number;
  /** Between the request and the first byte. Default 150 ms. */
  readonly tuneLatencyMs?: number;
  /** A reader that stalls for so long is dropped. Default 10 s. */
  readonly stallMs?: number;
  /** PCR at the start, in ticks of 27 MHz: near 2^33·300 to see the wrap. */
  readonly startPcr?: number;
  /** How much faster than real time the broadcast runs, clocks and bytes alike: for a higher bit rate. Default 1. */
  readonly speed?: number;
  /** False: streams as fast as the reader takes them. Default true: real time. */
  readonly paced?: boolean;
  readonly dropAfterBytes?: number | null;
  readonly fault?: Fault | FaultSetting | readonly FaultSetting[] | null;
  readonly cacheDir?: string | undefined;
  readonly onProgress?: ((progress: MediaProgress) => void) | undefined;
}

export interface ReceiverStats {
  /** Stream connections now, and since the start, in all. */
  readonly openConnections: number;
  readonly connectionsTotal: number;
  /** The same by service reference. */
  readonly openByRef: ReadonlyMap<string, number>;
  readonly totalByRef: ReadonlyMap<string, number>;
  /** By whomever: readers, recordings, television. */
  readonly tunersInUse: number;
  /** Requests to the web interface by path. */
  readonly requests: ReadonlyMap<string, number>;
  /** Timers for which something is being recorded. */
  readonly recordings: number;
}
