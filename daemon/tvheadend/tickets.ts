import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#shared/clock.ts';

/** As long as Tvheadend's own: enough to hand a URL to a player. */
const TICKET_SECONDS = 300;

/**
 * Tickets: an address that can be opened for five minutes without a login, such as `/stream/channelid/7?ticket=…`. They
 * are signed and not remembered, so that any number of them costs nothing; the key lives as long as the process. One
 * office is shared by HTTP and HTSP (`getTicket`).
 */
export class TicketOffice {
  readonly #key = randomBytes(32);
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For one path, without its query. 40 hexadecimal digits, as Tvheadend's. */
  issue(path: string): string {
    const until = Math.floor(this.#clock.nowMs() / 1000) + TICKET_SECONDS;
    return this.#sign(path, until);
  }

  accepts(path: string, ticket: string): boolean {
    if (!/^[0-9a-f]{40}$/.test(ticket)) return false;
    const until = Number.parseInt(ticket.slice(0, 8), 16);
    const isOurs = timingSafeEqual(Buffer.from(ticket), Buffer.from(this.#sign(path, until)));
    const nowSeconds = Math.floor(this.#clock.nowMs() / 1000);
    return isOurs && nowSeconds <= until && until - nowSeconds <= TICKET_SECONDS;
  }

  #sign(path: string, until: number): string {
    const time = until.toString(16).padStart(8, '0');
    const signature = createHmac('sha256', this.#key).update(`${time} ${path}`).digest('hex').slice(0, 32);
    return `${time}${signature}`;
  }
}
