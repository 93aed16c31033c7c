import type { Answer, Question } from 'dns-packet';

/** Spec: RFC 6763 (DNS-Based Service Discovery), RFC 6762 (Multicast DNS). */

/** Something that is offered on a port. */
export interface MdnsService {
  /** As people see it. */
  readonly instance: string;
  /** Such as `_http._tcp`. */
  readonly type: string;
  readonly port: number;
  readonly txt: Readonly<Record<string, string>>;
}

export interface MdnsHost {
  /** Without `.local`: unique on the network, because no name is probed for. */
  readonly name: string;
  readonly addresses: readonly { readonly family: 4 | 6; readonly address: string }[];
}

/** Spec: RFC 6762, 10: names and addresses 120 s, everything else 75 min. */
const HOST_TTL = 120;
const OTHER_TTL = 4_500;
const META = '_services._dns-sd._udp.local';

/** Spec: RFC 6763, 6.1: a byte of length before each string. */
const MAX_TXT = 255;

/** All that there is to say; `goodbye` makes everybody forget it (RFC 6762, 10.1). */
export function allRecords(services: readonly MdnsService[], host: MdnsHost, goodbye = false): Answer[] {
  const records = services.flatMap((service) => recordsOf(service, host));
  const all = [...records, ...addressRecords(host)];
  return goodbye ? all.map((record) => ({ ...record, ttl: 0 }) as Answer) : all;
}

/** What answers these questions, each record once, however often it is asked for; none when they are about somebody else. */
export function answersTo(
  questions: readonly Pick<Question, 'name' | 'type'>[],
  services: readonly MdnsService[],
  host: MdnsHost,
): Answer[] {
  return allRecords(services, host).filter((record) =>
    questions.some((question) => question.name.toLowerCase() === record.name.toLowerCase() && isType(question, record)),
  );
}

/** Spec: RFC 6762, 6.5: ANY means all. The types of dns-packet do not know it. */
function isType({ type }: { readonly type: string }, record: Answer): boolean {
  return type === 'ANY' || type === record.type;
}

/** What goes with the answers so that nobody has to ask again (RFC 6763, 12). */
export function additionalsFor(answers: readonly Answer[], services: readonly MdnsService[], host: MdnsHost): Answer[] {
  const isPointer = answers.some((answer) => answer.type === 'PTR');
  const isService = answers.some((answer) => answer.type === 'SRV');
  const wanted = allRecords(services, host).filter((record) => {
    if (answers.includes(record) || record.type === 'PTR') return false;
    return isPointer || (isService && (record.type === 'A' || record.type === 'AAAA'));
  });
  return wanted.filter((record) => !answers.some((one) => one.name === record.name && one.type === record.type));
}

function recordsOf(service: MdnsService, host: MdnsHost): Answer[] {
  const type = `${service.type}.local`;
  const name = `${label(service.instance)}.${type}`;
  const txt = Object.entries(service.txt).map(([key, value]) => Buffer.from(`${key}=${value}`).subarray(0, MAX_TXT));
  return [
    { type: 'PTR', name: META, ttl: OTHER_TTL, data: type },
    { type: 'PTR', name: type, ttl: OTHER_TTL, data: name },
    { type: 'SRV', name, ttl: HOST_TTL, flush: true, data: { port: service.port, target: `${host.name}.local` } },
    { type: 'TXT', name, ttl: OTHER_TTL, flush: true, data: txt },
  ];
}

/** Spec: RFC 1035, 2.3.4: 63 bytes. A dot would be taken for the end of the label. */
function label(text: string): string {
  let cut = text.replaceAll('.', ' ');
  while (Buffer.byteLength(cut) > 63) cut = cut.slice(0, -1);
  return cut;
}

function addressRecords({ name, addresses }: MdnsHost): Answer[] {
  return addresses.map(({ family, address }) => ({
    type: family === 4 ? ('A' as const) : ('AAAA' as const),
    name: `${name}.local`,
    ttl: HOST_TTL,
    flush: true,
    data: address,
  }));
}
