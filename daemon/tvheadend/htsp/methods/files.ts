import { type Answer, DONE, type Method } from '../server/method.ts';
import type { Session } from '../server/session.ts';
import type { Arguments } from '../wire/arguments.ts';

export const FILE_METHODS: Readonly<Record<string, Method>> = {
  fileOpen: { isOpen: false, run: fileOpen },
  fileRead: { isOpen: false, run: fileRead },
  fileSeek: { isOpen: false, run: fileSeek },
  fileStat: { isOpen: false, run: fileStat },
  fileClose: { isOpen: false, run: fileClose },
};

async function fileOpen(session: Session, args: Arguments): Promise<Answer> {
  const { id, file } = await session.files.open(args.needText('file'));
  return { fields: { id, size: file.sizeBytes, mtime: file.changedSeconds } };
}

async function fileRead(session: Session, args: Arguments): Promise<Answer> {
  const data = await session.files.read(args.need('id'), args.need('size'), args.number('offset'));
  return { fields: { data } };
}

async function fileSeek(session: Session, args: Arguments): Promise<Answer> {
  const whence = args.text('whence') ?? 'SEEK_SET';
  const from = whence === 'SEEK_END' ? 'end' : whence === 'SEEK_CUR' ? 'current' : 'start';
  return { fields: { offset: await session.files.seek(args.need('id'), args.number('offset') ?? 0, from) } };
}

function fileStat(session: Session, args: Arguments): Answer {
  const { sizeBytes, changedSeconds } = session.files.stat(args.need('id'));
  return { fields: { size: sizeBytes, mtime: changedSeconds } };
}

/** How far somebody has watched is nothing that the receiver keeps. */
function fileClose(session: Session, args: Arguments): Answer {
  session.files.closeOne(args.need('id'));
  return DONE;
}
