import test from 'ava';
import { TicketOffice } from '#daemon/tvheadend/tickets.ts';
import { ManualClock } from '#test/helpers/manual-clock.ts';

test('a ticket opens its own path for five minutes, and nothing else', async (t) => {
  const clock = new ManualClock();
  const office = new TicketOffice(clock);
  const path = '/stream/channelid/7';
  const ticket = office.issue(path);
  t.regex(ticket, /^[0-9a-f]{40}$/);
  t.true(office.accepts(path, ticket));
  t.true(office.accepts(path, ticket), 'players open an address several times');
  for (const wrong of ['/stream/channelid/8', '/stream/channelid/7/', ''])
    t.false(office.accepts(wrong, ticket), wrong);
  const later = (Number.parseInt(ticket.slice(0, 8), 16) + 60).toString(16).padStart(8, '0');
  for (const forged of ['', 'x', ticket.slice(1), `${later}${ticket.slice(8)}`, ticket.toUpperCase(), 'f'.repeat(40)]) {
    t.false(office.accepts(path, forged), forged);
  }
  t.false(new TicketOffice(clock).accepts(path, ticket), 'of another process');
  await clock.advance(299_000);
  t.true(office.accepts(path, ticket));
  await clock.advance(2_000);
  t.false(office.accepts(path, ticket));
});
