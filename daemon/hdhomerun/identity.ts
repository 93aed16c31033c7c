import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import { replaceJson } from '#shared/replace-json.ts';
import { type DeviceId, deriveDeviceId, isValidDeviceId } from './device-id.ts';

/** Who we are on the network; clients remember it, so it must never change by itself. */
export interface HdhrIdentity {
  readonly deviceId: DeviceId;
}

const stored = z.object({ deviceId: z.string().refine(isValidDeviceId) });

/**
 * The device's identity: the configured one, else the one kept in the data folder, else a new one, which is kept. When
 * the folder cannot be written the id is derived from `fallbackSeed` (the host's name), so that it is stable all the
 * same; `onWarning` says so.
 *
 * @throws XgError `HDHR_DEVICE_ID` when the configured id has a wrong check digit.
 */
export function loadIdentity(options: {
  dataFolder: string;
  configured: string | null;
  fallbackSeed: string;
  onWarning: (text: string) => void;
}): HdhrIdentity {
  if (options.configured !== null) return { deviceId: configuredId(options.configured) };
  const path = join(options.dataFolder, 'hdhomerun.json');
  const kept = readIdentity(path, options.onWarning);
  if (kept !== null) return kept;

  const identity = { deviceId: deriveDeviceId(randomUUID()) };
  try {
    replaceJson(path, identity);
    return identity;
  } catch (error) {
    options.onWarning(`The HDHomeRun identity cannot be kept in ${path} (${errorMessage(error)}); check XG2G_DATA`);
    return { deviceId: deriveDeviceId(options.fallbackSeed) };
  }
}

function configuredId(text: string): DeviceId {
  if (isValidDeviceId(text)) return text;
  const meant = deriveDeviceId(text);
  throw new XgError(
    'HDHR_DEVICE_ID',
    `XG2G_HDHR_DEVICE_ID is "${text}", whose check digit is wrong: clients refuse it. Take for example ${meant}, or leave it unset`,
    { data: { deviceId: text } },
  );
}

function readIdentity(path: string, onWarning: (text: string) => void): HdhrIdentity | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') onWarning(`${path} cannot be read (${errorMessage(error)})`);
    return null;
  }
  try {
    return { deviceId: stored.parse(JSON.parse(text)).deviceId };
  } catch {
    onWarning(`${path} is damaged; a new HDHomeRun identity is made, and clients will see a new device`);
    return null;
  }
}
