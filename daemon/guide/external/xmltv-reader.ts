import { SaxesParser } from 'saxes';
import { errorMessage, XgError } from '#shared/errors.ts';
import { cleanLine } from '../../receiver/clean-text.ts';
import type { XmlElement } from './external-programme.ts';

export interface ExternalChannel {
  /** As in the XMLTV file. */
  readonly id: string;
  /** In the file's order, at most 8. */
  readonly names: readonly string[];
}

export interface XmltvHandlers {
  onChannel(channel: ExternalChannel): void;
  onProgramme(element: XmlElement): void;
}

/** What no good file exceeds; a bad one shall not fill the memory. */
export interface XmltvLimits {
  readonly channels: number;
  readonly programmes: number;
  /** Characters of one `channel` or `programme`, attributes and all. */
  readonly elementCharacters: number;
  readonly depth: number;
}

export const XMLTV_LIMITS: XmltvLimits = {
  channels: 50_000,
  programmes: 5_000_000,
  elementCharacters: 262_144,
  depth: 12,
};

/**
 * Reads XMLTV as it comes, piece by piece; of the whole document nothing is kept. Entities of a DTD are not expanded.
 * `write` and `close` throw `XMLTV_BROKEN` with the line and the reason, after which the reader is of no more use.
 */
export class XmltvReader {
  readonly #handlers: XmltvHandlers;
  readonly #limits: XmltvLimits;
  readonly #parser = new SaxesParser({ xmlns: false, position: true } as const);
  /** From the `channel` or `programme` down to where the parser is; empty outside of these. */
  readonly #open: XmlElement[] = [];
  #depth = 0;
  #isTv = false;
  #channels = 0;
  #programmes = 0;
  /** Characters written since the last element of the top ended. */
  #pending = 0;

  constructor(handlers: XmltvHandlers, limits: XmltvLimits = XMLTV_LIMITS) {
    this.#handlers = handlers;
    this.#limits = limits;
    this.#parser.on('error', (error) => this.#fail(reasonOf(error)));
    this.#parser.on('opentag', (tag) => this.#openTag(tag.name, tag.attributes));
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    this.#parser.on('closetag', () => this.#closeTag());
  }

  get counts(): { readonly channels: number; readonly programmes: number } {
    return { channels: this.#channels, programmes: this.#programmes };
  }

  write(text: string): void {
    // In slices, so that an element without end is seen before it is in memory.
    for (let from = 0; from < text.length; from += SLICE) {
      const slice = text.slice(from, from + SLICE);
      this.#pending += slice.length;
      this.#parser.write(slice);
      if (this.#pending > this.#limits.elementCharacters + SLICE) {
        this.#fail(`an element is longer than ${this.#limits.elementCharacters} characters`);
      }
    }
  }

  close(): void {
    if (!this.#isTv) this.#fail('there is no <tv> element: this is no XMLTV');
    this.#parser.close();
  }

  #openTag(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#depth++;
    if (this.#depth > this.#limits.depth) this.#fail(`elements lie more than ${this.#limits.depth} deep`);
    if (this.#depth === 1) {
      if (name !== 'tv') this.#fail(`the document begins with <${name.slice(0, 40)}>, not with <tv>: this is no XMLTV`);
      this.#isTv = true;
      this.#pending = 0;
      return;
    }
    const element: XmlElement = { name, attributes, children: [], text: '' };
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.children.push(element);
    this.#open.push(element);
  }

  #text(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += text;
  }

  #closeTag(): void {
    this.#depth--;
    const element = this.#open.pop();
    if (element === undefined || this.#open.length > 0) return;
    this.#pending = 0;
    if (element.name === 'channel') this.#channel(element);
    else if (element.name === 'programme') {
      if (++this.#programmes > this.#limits.programmes)
        this.#fail(`there are more than ${this.#limits.programmes} programmes`);
      this.#handlers.onProgramme(element);
    }
  }

  #channel({ attributes, children }: XmlElement): void {
    const id = (attributes['id'] ?? '').trim();
    if (id === '') return;
    if (++this.#channels > this.#limits.channels) this.#fail(`there are more than ${this.#limits.channels} channels`);
    const names = children.filter(({ name }) => name === 'display-name').map(({ text }) => cleanLine(text));
    this.#handlers.onChannel({
      id: Buffer.from(id).toString(),
      names: names.filter((name) => name !== '').slice(0, 8),
    });
  }

  #fail(reason: string): never {
    const { line, column } = this.#parser;
    throw new XgError('XMLTV_BROKEN', `line ${line}, column ${column}: ${reason}`, { data: { line, column } });
  }
}

const SLICE = 65_536;

/** saxes puts the position before its own reason; ours says it already. */
function reasonOf(error: unknown): string {
  return cleanLine(errorMessage(error))
    .replace(/^\d+:\d+: /, '')
    .slice(0, 200);
}
