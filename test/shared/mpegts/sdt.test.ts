import test from 'ava';
import { parseDescriptors } from '#shared/mpegts/descriptors.ts';
import { buildSdt, parseSdt, serviceDescription, serviceDescriptor } from '#shared/mpegts/sdt.ts';
import { asProgramNumber, asSectionVersion } from '#shared/mpegts/types.ts';
import { descriptor, section } from '#test/helpers/ts-builder.ts';

const NAME = descriptor(0x48, 0x19, 3, 'ARD', 12, 'Das Erste HD');

/** Spec: ETSI EN 300 468, table 5. */
function sdtBody(services: readonly (readonly [sid: number, loop: Buffer])[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0x00, 0x01, 0xff])]; // original_network_id, reserved_future_use
  for (const [sid, loop] of services) {
    parts.push(Buffer.from([sid >> 8, sid & 0xff, 0xfc, 0x80 | (loop.length >> 8), loop.length & 0xff]), loop);
  }
  return Buffer.concat(parts);
}

test('an SDT is written and read as the standard draws it', (t) => {
  const body = sdtBody([
    [0x283d, NAME],
    [0xffff, Buffer.alloc(0)],
  ]);
  const bytes = section({ tableId: 0x42, extension: 0x3fb, version: 3, body });
  const sdt = parseSdt(bytes);
  t.is(sdt?.transportStreamId, 0x3fb);
  t.is(sdt?.originalNetworkId, 1);
  t.deepEqual(sdt?.services, [
    { service: asProgramNumber(0x283d), descriptors: parseDescriptors(NAME, 0, NAME.length) },
    { service: asProgramNumber(0xffff), descriptors: [] },
  ]);
  if (sdt === null) return;
  const built = buildSdt(sdt, asSectionVersion(3));
  t.deepEqual(parseSdt(built), sdt);
  t.true(
    built.subarray(3, -4).equals(bytes.subarray(3, -4)),
    'all but reserved bits of the head, and with them the CRC',
  );
});

test('other tables, the SDT of another stream and scraps are not read', (t) => {
  t.is(parseSdt(section({ tableId: 0x46, body: sdtBody([]) })), null);
  t.is(parseSdt(section({ tableId: 0x4a, body: sdtBody([]) })), null);
  t.is(parseSdt(section({ tableId: 0x42, body: Buffer.alloc(2) })), null);
  t.is(parseSdt(Buffer.alloc(7)), null);
});

test('a service whose descriptors run past the section is cut off, those before it stay', (t) => {
  const body = sdtBody([
    [1, NAME],
    [2, NAME],
  ]);
  body.writeUInt16BE(0x8000 | 0xfff, 3 + 5 + NAME.length + 3);
  t.deepEqual(
    parseSdt(section({ tableId: 0x42, body }))?.services.map((service) => Number(service.service)),
    [1],
  );
});

test('name, provider and type are read', (t) => {
  t.deepEqual(serviceDescription(parseDescriptors(NAME, 0, NAME.length)), {
    serviceType: 0x19,
    provider: 'ARD',
    name: 'Das Erste HD',
  });
});

const cutShort = test.macro<[string, Buffer]>({
  exec(t, _name, loop) {
    t.is(serviceDescription(parseDescriptors(loop, 0, loop.length)), null);
  },
  title: (_, name) => `a service descriptor with ${name} gives no name`,
});
test(cutShort, 'nothing in it', descriptor(0x48));
test(cutShort, 'two bytes', descriptor(0x48, 1, 0));
test(cutShort, 'a provider past its end', descriptor(0x48, 1, 9, 'ARD', 3, 'Das'));
test(cutShort, 'a provider up to its end', descriptor(0x48, 1, 3, 'ARD'));
test(cutShort, 'a name past its end', descriptor(0x48, 1, 0, 4, 'Das'));
test(cutShort, 'another tag', descriptor(0x47, 1, 0, 3, 'Das'));

test('empty names are names', (t) => {
  const loop = descriptor(0x48, 2, 0, 0);
  t.deepEqual(serviceDescription(parseDescriptors(loop, 0, loop.length)), { serviceType: 2, provider: '', name: '' });
});

test('a description is written so that it is read again', (t) => {
  for (const name of ['Das Erste HD', 'BR Fernsehen Süd', 'Россия 1', '']) {
    const description = { serviceType: 0x1f, provider: 'ORF Österreich', name };
    t.deepEqual(serviceDescription([serviceDescriptor(description)]), description);
  }
});

test('names without end still make a descriptor', (t) => {
  const made = serviceDescriptor({ serviceType: 1, provider: 'ü'.repeat(500), name: 'n'.repeat(500) });
  t.true(made.payload.length <= 255);
  t.is(serviceDescription([made])?.name, 'n'.repeat(100));
});
