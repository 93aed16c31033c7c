/** What we use of node-ssdp 4.0.1, which brings no types: its public side, and what has to be overridden. */
declare module 'node-ssdp' {
  import type { RemoteInfo, Socket } from 'node:dgram';
  import type { EventEmitter } from 'node:events';

  export interface SsdpOptions {
    readonly location: string;
    readonly udn: string;
    readonly ssdpSig: string;
    readonly ssdpTtl: number;
    /** Of each answer and notification, besides its own. */
    readonly headers: Readonly<Record<string, string>>;
    readonly adInterval: number;
    readonly ttl: number;
    readonly customLogger: (format: string, ...values: unknown[]) => void;
  }

  export class Server extends EventEmitter {
    constructor(options: SsdpOptions);
    /** By address; undefined before they are made, null once it has stopped. */
    sockets: Record<string, Socket> | null | undefined;
    addUSN(type: string): void;
    /** Never settles when a socket cannot be bound. */
    start(): Promise<void>;
    stop(): void;
    advertise(alive: boolean): void;
    _createSockets(): void;
    _msearch(headers: Readonly<Record<string, string>>, message: string, from: RemoteInfo): void;
    _respondToSearch(target: string, from: RemoteInfo): void;
    _send(message: unknown, ...rest: unknown[]): void;
  }
}
