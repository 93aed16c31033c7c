import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import { redactGuideUrl } from './external-guides.ts';
import { type ConfigFile, parseConfigFile } from './file.ts';
import { CONFIG_KEYS, type Config, type ConfigKey, configSchema } from './schema.ts';
import { suggestWord } from './suggest.ts';

export type { Config } from './schema.ts';

export const DEFAULT_CONFIG_PATH = '/etc/xg2g/xg2g.yaml';

export type ConfigEnvironment = Readonly<Record<string, string | undefined>>;

export interface LoadConfigOptions {
  readonly env: ConfigEnvironment;
  /** Reads a file as UTF-8 text; throws with code ENOENT when there is none. */
  readonly readFile?: (path: string) => string;
}

/** Variables that other parts of the system read; everything else that begins with XG2G_ is a typing error. */
const FOREIGN_VARIABLES = /^XG2G_(?:CONFIG$|DEMO_|TEST_|BENCH_|TRANSCODER_)/;

/**
 * The settings from file and environment; the environment wins. A missing default file is fine.
 *
 * @throws XgError `CONFIG_INVALID` that lists every problem with its file, line and key, and what is allowed;
 * `CONFIG_MISSING` when the file that XG2G_CONFIG names cannot be read.
 */
export function loadConfig(options: LoadConfigOptions): Config {
  const file = readConfigFile(options);
  const problems = file === null ? [] : file.errors.map(({ line, message }) => `${file.path}:${line}: ${message}`);
  const variables = CONFIG_KEYS.filter((key) => isSet(options.env[key.variable]));
  problems.push(...unknownVariables(options.env));

  const content = merge(file?.content ?? {}, variables, options.env);
  const parsed = configSchema.safeParse(content);
  if (parsed.success && problems.length === 0) return parsed.data;
  if (!parsed.success) problems.push(...describeIssues(parsed.error.issues, content, file, variables));
  const unique = [...new Set(problems)];
  throw new XgError(
    'CONFIG_INVALID',
    `The configuration cannot be used:\n${unique.map((line) => `  ${line}`).join('\n')}`,
    {
      data: { problems: unique },
    },
  );
}

/** A copy that may be shown: secrets are replaced. */
export function redactConfig(config: Config): Config {
  const hide = (value: string | null): string | null => (value === null ? null : '[set]');
  return {
    ...config,
    receiver: { ...config.receiver, password: hide(config.receiver.password) },
    receivers: config.receivers.map((receiver) => ({ ...receiver, password: hide(receiver.password) })),
    guide: {
      ...config.guide,
      external: config.guide.external.map((guide) => ({ ...guide, url: redactGuideUrl(guide.url) })),
    },
    http: { ...config.http, apiToken: hide(config.http.apiToken) },
    access: { ...config.access, users: config.access.users.map(({ name }) => ({ name, password: '[set]' })) },
  };
}

function readConfigFile(options: LoadConfigOptions): ConfigFile | null {
  const named = options.env['XG2G_CONFIG'];
  const path = isSet(named) ? named : DEFAULT_CONFIG_PATH;
  const readFile = options.readFile ?? ((file: string) => readFileSync(file, 'utf8'));
  try {
    return parseConfigFile(path, readFile(path));
  } catch (error) {
    if (!isSet(named) && errorCode(error) === 'ENOENT') return null;
    throw new XgError(
      'CONFIG_MISSING',
      `The configuration file ${path} cannot be read (${errorMessage(error)}). ${isSet(named) ? 'Correct XG2G_CONFIG or make the file' : 'Make it readable for the user of this process'}`,
      { cause: error, data: { path } },
    );
  }
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}

function unknownVariables(env: ConfigEnvironment): string[] {
  const known = CONFIG_KEYS.map((key) => key.variable);
  return Object.keys(env)
    .filter((name) => name.startsWith('XG2G_') && !known.includes(name) && !FOREIGN_VARIABLES.test(name))
    .filter((name) => isSet(env[name]))
    .map((name) => `environment: ${name} is no setting${hint(name, known)}`);
}

/** The file's content with the variables laid over it; what is not a group in the file stays and is reported later. */
function merge(content: unknown, variables: readonly ConfigKey[], env: ConfigEnvironment): unknown {
  if (!isGroup(content)) return content;
  const merged: Record<string, unknown> = { ...content };
  for (const { path, variable } of variables) {
    const [first, second] = path;
    if (second === undefined) {
      merged[first] = env[variable];
      continue;
    }
    const group = merged[first] ?? {};
    if (isGroup(group)) merged[first] = { ...group, [second]: env[variable] };
  }
  return merged;
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  content: unknown,
  file: ConfigFile | null,
  variables: readonly ConfigKey[],
): string[] {
  const at = (path: readonly string[]): string =>
    file === null ? 'configuration' : `${file.path}:${file.lineOf(path)}`;
  return issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      const known = keysBelow(path);
      return issue.keys.map(
        (key) =>
          `${at([...path, key])}: ${[...path, key].join('.')} is no setting${hint(key, known)} (known here: ${known.join(', ')})`,
      );
    }
    const key = CONFIG_KEYS.find((candidate) => candidate.path.every((part, index) => path[index] === part));
    const keyPath = key?.path ?? path;
    const value = key?.secret === true ? '(hidden)' : show(valueAt(content, keyPath));
    const allowed = describe(keyPath) ?? 'a group of keys';
    const variable = key !== undefined && variables.includes(key) ? key.variable : null;
    const where = variable === null ? `${at(keyPath)}: ${keyPath.join('.') || 'the file'}` : `environment: ${variable}`;
    return [`${where} is ${value}, expected ${allowed}`];
  });
}

function hint(word: string, known: readonly string[]): string {
  const meant = suggestWord(word, known);
  return meant === null ? '' : `; did you mean ${meant}?`;
}

/** The shape inside a group, whose schema is a preprocess step in front of an object. */
function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  if (schema instanceof z.ZodObject) return schema.shape;
  return schema instanceof z.ZodPipe ? shapeOf(schema.out) : {};
}

/** What stands under a key of a group, or at a place of a list. */
function schemaBelow(schema: unknown, key: string): unknown {
  if (schema instanceof z.ZodPipe) return schemaBelow(schema.out, key);
  return schema instanceof z.ZodArray ? schema.element : shapeOf(schema)[key];
}

function keysBelow(path: readonly string[]): string[] {
  return Object.keys(shapeOf(path.reduce<unknown>(schemaBelow, configSchema)));
}

function describe(path: readonly string[]): string | undefined {
  const schema = path.reduce<unknown>(schemaBelow, configSchema);
  return schema instanceof z.ZodType && schema !== configSchema ? schema.description : undefined;
}

function valueAt(content: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isGroup(value) ? value[key] : undefined;
  }, content);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
