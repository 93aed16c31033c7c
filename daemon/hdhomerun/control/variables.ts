import { errorCode, XgError } from '#shared/errors.ts';
import type { AccessPolicy } from '../../config/access-policy.ts';
import { MODEL } from '../answers.ts';
import { hdhomerunError } from '../error-codes.ts';
import type { HdhomerunFace } from '../face.ts';
import type { GetSetAnswer, GetSetRequest } from '../wire/get-set.ts';
import type { ControlTuner } from './control-tuner.ts';
import { ALL_PIDS, parsePidFilter } from './pid-filter.ts';
import { isForbiddenAddress, isMulticastAddress, parseDestination } from './target.ts';
import { debugText, HELP, statusText, streamInfoText, virtualStatusText } from './words.ts';

export interface VariablesOptions {
  readonly face: HdhomerunFace;
  readonly access: Pick<AccessPolicy, 'allowsAnonymous'>;
  /** Null for a number that no tuner has. */
  tuner(index: number): ControlTuner | null;
}

/** What a variable does. Without `set` it can only be read. */
interface Variable<Owner> {
  get(owner: Owner): string | Promise<string>;
  set?(owner: Owner, value: string, client: string): void | Promise<void>;
}

const value = (text: string): GetSetAnswer => ({ kind: 'value', text });
const failure = (text: string): GetSetAnswer => ({ kind: 'error', text: `ERROR: ${text}` });
const UNKNOWN = failure('unknown getset variable');

/** The variables that clients read and set over the control connection. */
export class Variables {
  readonly #options: VariablesOptions;
  readonly #system: ReadonlyMap<string, Variable<HdhomerunFace>>;
  readonly #tuner: ReadonlyMap<string, Variable<ControlTuner>>;

  constructor(options: VariablesOptions) {
    this.#options = options;
    this.#system = new Map(Object.entries(SYSTEM));
    this.#tuner = new Map(Object.entries({ ...TUNER, ...this.#tunerOf(options) }));
  }

  /** Never rejects: whatever goes wrong is an answer. */
  async answer(request: GetSetRequest, client: string): Promise<GetSetAnswer> {
    try {
      return await this.#answer(request, client);
    } catch (error) {
      if (!(error instanceof XgError)) throw error;
      if (error.code === 'HDHR_VALUE' || error.code === 'HDHR_CHANNEL') return failure(error.message);
      if (error.code === 'HDHR_TUNER_IN_USE') return failure(`resource locked by ${String(error.data['address'])}`);
      if (error.code === 'CHANNEL_UNKNOWN') return failure('invalid virtual channel');
      return failure(hdhomerunError(errorCode(error)));
    }
  }

  async #answer(request: GetSetRequest, client: string): Promise<GetSetAnswer> {
    const { face, tuner } = this.#options;
    const [, index, name = ''] = /^\/tuner(\d{1,2})\/([a-z]{1,16})$/.exec(request.name) ?? [];
    if (index === undefined) {
      const variable = this.#system.get(request.name);
      return variable === undefined ? UNKNOWN : this.#use(variable, face, request, client);
    }
    const owner = tuner(Number(index));
    if (owner === null) return UNKNOWN;
    owner.touch();
    if (name === 'lockkey') return this.#lock(owner, Number(index), request, client);
    const variable = this.#tuner.get(name);
    if (variable === undefined) return UNKNOWN;
    if (request.value !== null && !owner.lock.admits({ address: client, lockkey: request.lockkey })) {
      return failure(`resource locked by ${owner.lock.owner ?? ''}`);
    }
    const answer = await this.#use(variable, owner, request, client);
    owner.touch(); // what was set may have to end some time
    return answer;
  }

  async #use<Owner>(
    variable: Variable<Owner>,
    owner: Owner,
    request: GetSetRequest,
    client: string,
  ): Promise<GetSetAnswer> {
    if (request.value !== null) {
      if (variable.set === undefined) return failure('variable is read-only');
      await variable.set(owner, request.value.trim(), client);
    }
    return value(await variable.get(owner));
  }

  #lock(owner: ControlTuner, index: number, request: GetSetRequest, client: string): GetSetAnswer {
    if (request.value !== null) {
      const outcome = owner.lock.set(request.value, { address: client, lockkey: request.lockkey });
      if (outcome === 'invalid') return failure('invalid lock key');
      if (outcome === 'locked') return failure(`resource locked by ${owner.lock.owner ?? ''}`);
      this.#options.face.devices.first.slots.lock(index, owner.lock.owner);
    }
    return value(owner.lock.owner ?? 'none');
  }

  #tunerOf({ face, access }: VariablesOptions): Record<string, Variable<ControlTuner>> {
    const { first } = face.devices;
    return {
      status: {
        get: async (tuner) =>
          statusText(tuner.ch, await face.reports.of(tuner.use), { sends: tuner.sentDatagrams !== null }),
      },
      debug: {
        get: async (tuner) => debugText(tuner.ch, await face.reports.of(tuner.use), { datagrams: tuner.sentDatagrams }),
      },
      channelmap: {
        get: () => face.mapOf(first).name,
        set: (_, wanted) => {
          const { name } = face.mapOf(first);
          if (wanted !== name) throw new XgError('HDHR_VALUE', `invalid channelmap, there is ${name}`);
        },
      },
      target: {
        get: (tuner) => tuner.target,
        set: (tuner, wanted, client) => {
          if (wanted === 'none') return tuner.sendTo(null);
          const destination = parseDestination(wanted);
          if (destination === null || isForbiddenAddress(destination.address)) {
            throw new XgError('HDHR_VALUE', 'invalid target');
          }
          const { address } = destination;
          // Nobody may have a stream sent to where he could not fetch it from.
          if (address !== client && !isMulticastAddress(address) && !access.allowsAnonymous(address)) {
            throw new XgError('HDHR_VALUE', 'target is not in an allowed network');
          }
          tuner.sendTo(destination);
        },
      },
    };
  }
}

const SYSTEM: Readonly<Record<string, Variable<HdhomerunFace>>> = {
  help: { get: () => HELP },
  '/sys/model': { get: () => MODEL.firmware },
  '/sys/hwmodel': { get: () => MODEL.number },
  '/sys/version': { get: () => MODEL.version },
  '/sys/copyright': { get: () => 'xg2g, MIT licence. Not a product of Silicondust' },
  '/sys/features': {
    get: (face) => `channelmap: ${face.mapOf(face.devices.first).name}\nmodulation: auto\nauto-modulation: auto\n`,
  },
  '/sys/debug': {
    get: () => `mem: rss=${process.memoryUsage.rss()}\nloop: up=${Math.round(process.uptime())}\n`,
  },
  '/lineup/scan': {
    get: (face) => {
      const { running, progress, found } = face.scan.report;
      return `state=${running ? 'running' : 'complete'} progress=${progress}% found=${found}`;
    },
    set: (face, wanted) => {
      if (wanted === 'start') face.scan.start();
      else if (wanted === 'abort') face.scan.abort();
      else throw new XgError('HDHR_VALUE', 'invalid value, there are start and abort');
    },
  },
};

const TUNER: Readonly<Record<string, Variable<ControlTuner>>> = {
  vstatus: { get: (tuner) => virtualStatusText(tuner.vchannel, tuner.channel?.name ?? null) },
  vchannel: {
    get: (tuner) => tuner.vchannel,
    set: (tuner, wanted, client) => tuner.tuneVirtual(wanted, client),
  },
  channel: {
    get: (tuner) => tuner.ch,
    set: (tuner, wanted, client) => tuner.tuneFrequency(wanted, client),
  },
  program: {
    get: (tuner) => String(tuner.program),
    set: (tuner, wanted, client) => {
      if (!/^\d{1,5}$/.test(wanted)) throw new XgError('HDHR_VALUE', 'invalid program');
      return tuner.tuneProgram(Number(wanted), client);
    },
  },
  streaminfo: { get: (tuner) => streamInfoText(tuner.transponder) },
  plpinfo: { get: () => 'none' },
  filter: {
    get: (tuner) => tuner.filter?.text ?? ALL_PIDS,
    set: (tuner, wanted) => {
      const filter = parsePidFilter(wanted);
      if (filter === null) throw new XgError('HDHR_VALUE', 'invalid filter');
      tuner.filter = filter;
    },
  },
};
