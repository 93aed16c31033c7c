import type { HtspServices } from '../server/services.ts';

/** The files that one client has open. */
export class OpenFiles {
  readonly services: HtspServices;
  readonly gone: AbortSignal;

  constructor(services: HtspServices, gone: AbortSignal) {
    this.services = services;
    this.gone = gone;
  }

  close(): void {}
}
