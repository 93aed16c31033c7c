import type { StreamTarget } from '../receiver/model.ts';
import { Upstream, type UpstreamConnection, type UpstreamListener, type UpstreamTimeouts } from './upstream.ts';
import { DatagramUpstream } from './upstream-datagram.ts';
import { HttpUpstream } from './upstream-http.ts';

/** Opens what a target names, in the way its kind wants it. */
export function openUpstream(
  target: StreamTarget,
  listener: UpstreamListener,
  timeouts: UpstreamTimeouts,
): UpstreamConnection {
  switch (target.kind) {
    case 'e2-stream':
    case 'relay':
      return new Upstream(target, listener, timeouts);
    case 'http':
      return new HttpUpstream(target, listener, timeouts);
    case 'datagram':
      return new DatagramUpstream(target, listener, timeouts);
  }
}
