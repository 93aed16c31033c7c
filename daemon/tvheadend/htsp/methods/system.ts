import { statfs } from 'node:fs/promises';
import { tvhId } from '../../ids.ts';
import type { Answer, Method } from '../server/method.ts';
import type { Session } from '../server/session.ts';

/** Recordings are made by the receiver, in the one way it knows. */
const DVR_CONFIG = { name: '', comment: 'The receiver records', uuid: tvhId('dvrconfig', '').uuid };

export const SYSTEM_METHODS: Readonly<Record<string, Method>> = {
  getDiskSpace: { isOpen: false, run: getDiskSpace },
  getSysTime: { isOpen: false, run: getSysTime },
  getProfiles: { isOpen: false, run: getProfiles },
  getDvrConfigs: { isOpen: false, run: () => ({ fields: { dvrconfigs: [DVR_CONFIG] } }) },
};

/** Of the disk that time-shift uses: the receiver does not tell how much its own holds. */
async function getDiskSpace(session: Session): Promise<Answer> {
  const disk = await statfs(session.services.dataFolder).catch(() => null);
  if (disk === null) return { fields: { freediskspace: 0, useddiskspace: 0, totaldiskspace: 0 } };
  const total = disk.blocks * disk.bsize;
  const free = disk.bavail * disk.bsize;
  return { fields: { freediskspace: free, useddiskspace: total - free, totaldiskspace: total } };
}

function getSysTime(): Answer {
  const now = new Date();
  const minutes = -now.getTimezoneOffset(); // east of Greenwich
  return { fields: { time: Math.floor(now.getTime() / 1000), timezone: minutes / 60, gmtoffset: minutes } };
}

const PROFILE_WORDS: Readonly<Record<string, string>> = {
  pass: 'As it is broadcast',
  aac: 'All sound as AAC, in stereo',
  'aac-first': 'AAC in front, Dolby Digital behind it',
  surround: 'AAC with up to six channels',
  night: 'Quiet sound up, loud sound down',
};

function getProfiles({ services }: Session): Answer {
  const profiles = services.profiles.names.map((name) => ({
    uuid: tvhId('profile', name).uuid,
    name,
    comment: PROFILE_WORDS[name] ?? 'Of the configuration',
  }));
  return { fields: { profiles } };
}

/** The name of a profile that a client names by its uuid or its name; null for none of ours. */
export function profileNamed(names: readonly string[], wanted: string): string | null {
  return names.find((name) => name === wanted || tvhId('profile', name).uuid === wanted) ?? null;
}
