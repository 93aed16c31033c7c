/** Spec: ETSI EN 300 468, 5.2.3 Service description table and 6.2.33 Service descriptor. */
import { u8, u16be, writeU16be } from './bytes.ts';
import {
  DESCRIPTOR_SERVICE,
  type Descriptor,
  descriptorsLength,
  parseDescriptors,
  writeDescriptors,
} from './descriptors.ts';
import { decodeDvbText, encodeDvbText } from './dvb-text.ts';
import { buildSection, parseSectionHeader, SECTION_CRC, SECTION_HEAD } from './section.ts';
import type { ProgramNumber, SectionVersion } from './types.ts';

/** The actual transport stream; 0x46 (other) is not read here. */
export const TABLE_SDT_ACTUAL = 0x42;

export interface SdtService {
  readonly service: ProgramNumber;
  readonly descriptors: readonly Descriptor[];
}

export interface Sdt {
  readonly transportStreamId: number;
  readonly originalNetworkId: number;
  readonly services: readonly SdtService[];
}

export interface ServiceDescription {
  /** service_type: 0x01 TV, 0x02 radio, 0x16 AVC SD, 0x19 AVC HD, 0x1f HEVC. */
  readonly serviceType: number;
  readonly provider: string;
  readonly name: string;
}

/** Parses a whole SDT-actual section whose CRC has been checked; null when it is another table. */
export function parseSdt(section: Uint8Array): Sdt | null {
  const header = parseSectionHeader(section);
  const end = section.length - SECTION_CRC;
  if (header === null || header.tableId !== TABLE_SDT_ACTUAL || SECTION_HEAD + 3 > end) return null;
  const services: SdtService[] = [];
  let at = SECTION_HEAD + 3;
  while (at + 5 <= end) {
    const loopEnd = at + 5 + (u16be(section, at + 3) & 0x0fff); // running_status, free_CA_mode, descriptors_loop_length
    if (loopEnd > end) break;
    const service = u16be(section, at) as ProgramNumber; // service_id
    services.push({ service, descriptors: parseDescriptors(section, at + 5, loopEnd) });
    at = loopEnd;
  }
  return { transportStreamId: header.extension, originalNetworkId: u16be(section, SECTION_HEAD), services };
}

/** Reads the service_descriptor; null when absent or cut short. */
export function serviceDescription(descriptors: readonly Descriptor[]): ServiceDescription | null {
  const payload = descriptors.find((descriptor) => descriptor.tag === DESCRIPTOR_SERVICE)?.payload;
  if (payload === undefined || payload.length < 3) return null;
  const providerEnd = 2 + u8(payload, 1); // service_provider_name_length
  if (providerEnd >= payload.length) return null;
  const nameEnd = providerEnd + 1 + u8(payload, providerEnd); // service_name_length
  if (nameEnd > payload.length) return null;
  return {
    serviceType: u8(payload, 0),
    provider: decodeDvbText(payload.subarray(2, providerEnd)),
    name: decodeDvbText(payload.subarray(providerEnd + 1, nameEnd)),
  };
}

export function serviceDescriptor(description: ServiceDescription): Descriptor {
  const provider = encodeDvbText(description.provider, 100);
  const name = encodeDvbText(description.name, 100);
  const payload = Buffer.concat([
    Buffer.from([description.serviceType, provider.length]), // service_type, service_provider_name_length
    provider,
    Buffer.from([name.length]), // service_name_length
    name,
  ]);
  return { tag: DESCRIPTOR_SERVICE, payload };
}

/** An SDT-actual of one section. */
export function buildSdt(sdt: Sdt, version: SectionVersion): Buffer {
  let length = 3;
  for (const service of sdt.services) length += 5 + descriptorsLength(service.descriptors);
  const body = Buffer.alloc(length);
  writeU16be(body, 0, sdt.originalNetworkId); // original_network_id
  body[2] = 0xff; // reserved_future_use
  let at = 3;
  for (const service of sdt.services) {
    writeU16be(body, at, service.service); // service_id
    body[at + 2] = 0xfc; // reserved_future_use, EIT_schedule_flag 0, EIT_present_following_flag 0
    writeU16be(body, at + 3, 0x8000 | descriptorsLength(service.descriptors)); // running_status 4, free_CA_mode 0
    at += 5 + writeDescriptors(body, at + 5, service.descriptors);
  }
  const header = {
    tableId: TABLE_SDT_ACTUAL,
    extension: sdt.transportStreamId,
    version,
    current: true,
    number: 0,
    lastNumber: 0,
  };
  return buildSection(header, body, true);
}
