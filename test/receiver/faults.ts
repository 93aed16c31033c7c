/**
 * What can be wrong with the box.
 * - `off`: connections are refused by closing them at once
 * - `unauthorized`: 401 to every request of the web interface
 * - `html`: a web page where JSON was asked for
 * - `truncated`: half of each body
 * - `slow`: answers after 3 s
 * - `latin1`: bodies in ISO-8859-1 without saying so
 * - `traceback`: status 500 and a Python traceback
 * - `xml-only`: an old image, on which the JSON calls are unknown (404)
 * - `streams-as-recordings`: an old image, which tells of streams among the recordings of `tuners[]`
 * - `bouquet-missing`: the second TV bouquet cannot be read
 * - `stream-text`: a status line in the stream's body, then the end (no tuner)
 * - `stream-empty`: the stream ends without a byte (no lock)
 * - `stream-hang`: never a byte
 * - `stream-loss`: every 500th packet is missing
 * - `stream-junk`: 100 bytes of junk between packets now and then
 * - `stream-tei`: every 500th packet has its transport_error_indicator set
 * - `stream-traceback`: a web page with a Python traceback in the stream's body, then the end
 * - `stream-busy`: status 409 of the transcoder in the stream's body, then the end
 * - `stream-text-late`: after N bytes a line of text in the middle of the stream, then the end
 * - `stream-slow`: the first byte comes after S seconds (6)
 * - `stream-stall`: after N bytes no more, and the connection stands
 * - `stream-cut`: after N bytes the connection is closed
 * - `stream-reset`: after N bytes the connection is reset
 * - `stream-garbage`: after N bytes nothing but random bytes, as many as the stream has
 * - `stream-pids`: after N bytes a new version of the PMT, and all elementary streams on other PIDs
 * - `stream-lock-loss`: after N bytes the lock is lost: no byte for S seconds (4), then the stream as it is by then
 * - `stream-scrambled`: scrambled for ever on the stream server, whatever the service; the relay has the keys
 * - `stream-clears-late`: scrambled for S seconds (3), then clear, on stream server and relay
 * - `relay-clears-late`: the same on the relay only (6)
 * - `stream-refused`: nobody listens on the stream port
 * - `relay-refused`: nobody listens on the relay's port
 * - `refused`: nobody listens on any port, and what stood is broken off
 * - `restart`: the same for S seconds (5), then all is well by itself
 * - `deep-standby`: the same until the box is woken by a magic packet, and S seconds (3) more
 * - `black-hole`: the network is gone: no packet is answered, what stands hears nothing more
 */
export const FAULTS = [
  'off',
  'unauthorized',
  'html',
  'truncated',
  'slow',
  'latin1',
  'traceback',
  'xml-only',
  'streams-as-recordings',
  'bouquet-missing',
  'stream-text',
  'stream-empty',
  'stream-hang',
  'stream-loss',
  'stream-junk',
  'stream-tei',
  'stream-traceback',
  'stream-busy',
  'stream-text-late',
  'stream-slow',
  'stream-stall',
  'stream-cut',
  'stream-reset',
  'stream-garbage',
  'stream-pids',
  'stream-lock-loss',
  'stream-scrambled',
  'stream-clears-late',
  'relay-clears-late',
  'stream-refused',
  'relay-refused',
  'refused',
  'restart',
  'deep-standby',
  'black-hole',
] as const;
export type Fault = (typeof FAULTS)[number];

/** A fault with its measures. */
export interface FaultSetting {
  readonly fault: Fault;
  /** Only for this service, by its reference; null for all. Heard by what concerns one service. */
  readonly ref?: string | null;
  /** N of the list above: bytes of each connection, counted from its start, or from when the fault came if that is later. Default 0. */
  readonly afterBytes?: number;
  /** S of the list above. */
  readonly seconds?: number;
}
