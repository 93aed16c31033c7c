import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeGetSetRequest, type GetSetRequest } from '#daemon/hdhomerun/wire/get-set.ts';
import { PACKET_TYPE } from '#daemon/hdhomerun/wire/packet.ts';
import { PacketReader } from '#daemon/hdhomerun/wire/packet-reader.ts';
import { parseTlvs, TAG, textOf } from '#daemon/hdhomerun/wire/tlv.ts';
import type { TeardownOwner } from '#test/helpers/process.ts';
import { eventually } from '#test/helpers/wait-for.ts';

/** A client of the control connection, as small as can be. */
export class ControlClient {
  readonly socket: Socket;
  readonly answers: string[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    const reader = new PacketReader(({ type, payload }) => {
      if (type !== PACKET_TYPE.getSetReply) throw new Error(`a packet of type ${type}`);
      const tlvs = parseTlvs(payload);
      const said = tlvs.find(({ tag }) => tag === TAG.getSetValue || tag === TAG.errorMessage);
      this.answers.push(textOf(said?.value ?? Buffer.alloc(0)));
    });
    socket.on('data', (segment) => reader.push(segment));
    socket.on('error', () => undefined);
  }

  static async connect(t: TeardownOwner, port: number): Promise<ControlClient> {
    const socket = connect(port, '127.0.0.1');
    t.teardown(() => void socket.destroy());
    await once(socket, 'connect');
    return new ControlClient(socket);
  }

  /** Asks, and waits for the answer. */
  async ask(name: string, value: string | null = null, lockkey: number | null = null): Promise<string> {
    const count = this.answers.length;
    this.send({ name, value, lockkey });
    await eventually(() => this.answers.length > count, { what: `the answer to ${name}` });
    return this.answers.at(-1) ?? '';
  }

  send(request: GetSetRequest): void {
    this.socket.write(encodeGetSetRequest(request));
  }
}
