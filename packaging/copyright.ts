import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './project.ts';

/**
 * The licences of all that is in the packages, in the form of Debian's machine-readable copyright file.
 *
 * Spec: copyright-format 1.0
 */
export function copyrightFile(options: {
  /** Folders of npm packages whose code is bundled, relative to the project. */
  readonly packages: readonly string[];
  /** Folder of the npm package that holds Node. */
  readonly node: string;
}): string {
  const own = licenceText(ROOT);
  const node = licenceText(options.node);
  if (own === null || node === null) throw new Error('LICENSE of xg2g or of Node is missing');
  const stanzas = [
    header(),
    stanza('*', holders(own), 'MIT', own),
    ...options.packages.map((folder) => packageStanza(folder)),
    stanza('usr/lib/xg2g/node', ['Node.js contributors and the authors named below'], 'Node', node),
    ADDON,
  ];
  return `${stanzas.join('\n\n')}\n`;
}

function header(): string {
  return [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    'Upstream-Name: xg2g',
    field('Comment', [
      'This package holds, beside xg2g itself, everything it needs to run: the npm packages whose code is bundled into',
      'xg2g.js and xg2g-transcoder.js (named below by their folders in node_modules), the Node.js runtime, and the addon',
      'of node-av with FFmpeg in it.',
      '',
      'FFmpeg is built there as GPL version 3 or later and linked with the Fraunhofer FDK AAC library. The two licences are',
      'held to be incompatible: the package may be built and used, but perhaps not handed on.',
    ]),
  ].join('\n');
}

interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

function packageStanza(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;
  const { name, license = '', author } = manifest;
  const text = licenceText(join(ROOT, folder));
  const authorName = typeof author === 'object' ? author.name : (author ?? `the authors of ${name}`);
  // Debian has the text of this one; elsewhere it lies beside the package's documentation.
  if (license === 'Apache-2.0') {
    return stanza(`${folder}/*`, [authorName], 'Apache-2.0', 'See /usr/share/common-licenses/Apache-2.0.');
  }
  if (text !== null) {
    const named = holders(text);
    return stanza(`${folder}/*`, named.length > 0 ? named : [authorName], `${license}-${name.replace('/', '-')}`, text);
  }
  // Some packages name their licence in package.json alone.
  if (license === 'ISC') return stanza(`${folder}/*`, [authorName], `ISC-${name.replace('/', '-')}`, ISC);
  if (license !== 'MIT') throw new Error(`${folder} brings no licence text, and is ${license || 'of no licence'}`);
  return stanza(`${folder}/*`, [authorName], 'MIT');
}

function stanza(files: string, copyright: readonly string[], licence: string, text?: string): string {
  const body = text === undefined ? '' : `\n${indent(text)}`;
  return `Files: ${files}\n${field('Copyright', copyright)}\nLicense: ${licence}${body}`;
}

function field(name: string, lines: readonly string[]): string {
  return `${name}: ${lines[0] ?? ''}${lines.length > 1 ? `\n${indent(lines.slice(1).join('\n'))}` : ''}`;
}

function indent(text: string): string {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n');
}

function holders(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return [...new Set(lines.filter((line) => /^(?:copyright\b|\(c\)|©).*\d{4}/i.test(line)))];
}

function licenceText(folder: string): string | null {
  const name = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.md|\.txt)?$/i.test(entry));
  return name === undefined ? null : readFileSync(join(folder, name), 'utf8');
}

/** Spec: SPDX licence list, ISC. */
const ISC = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.`;

/** What the build's own configuration line names (FFmpeg prints it), with the licences of those projects. */
const ADDON = `Files: usr/lib/xg2g/node_modules/@seydx/*
Copyright: 2023-2026 seydx <hi@seydx.dev>
 2000-2026 the FFmpeg developers
License: GPL-3+
 FFmpeg as built here is free software: you can redistribute it and/or modify it under the terms of the GNU General
 Public License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any
 later version. It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the
 implied warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.
 .
 On Debian systems the full text is in /usr/share/common-licenses/GPL-3; elsewhere see the licence files beside this
 package's documentation, or https://www.gnu.org/licenses/.
Comment: node-av itself is under the MIT licence. Its sources, and those of the FFmpeg it links (the jellyfin-ffmpeg
 variant), are named at https://github.com/seydx/node-av and https://github.com/jellyfin/jellyfin-ffmpeg.
 .
 Linked into it: x264, x265 (GPL-2+); zvbi (LGPL-2+, GPL-2+ in parts); LAME (LGPL-2+); libbluray, libplacebo, FriBidi,
 ALSA (LGPL-2.1+); GMP (LGPL-3+ or GPL-2+); libiconv (LGPL-2.1+); SRT (MPL-2.0); OpenSSL, shaderc, Vulkan loader, OpenCL
 loader (Apache-2.0); Chromaprint (MIT, LGPL-2.1 in parts); libass (ISC); dav1d (BSD-2-clause); Opus, Vorbis, Theora,
 libvpx, WebP, libjxl, OpenMPT (BSD-3-clause); SVT-AV1 (BSD-3-clause-clear, Alliance for Open Media patent licence);
 FreeType (FTL); HarfBuzz, Fontconfig, libxml2, libva, libdrm, libvpl, AMF, nv-codec-headers, whisper.cpp (MIT); libxcb
 (X11); zlib (Zlib); XZ (0BSD); zimg (WTFPL); and the Fraunhofer FDK AAC library:
 .
 Software License for The Fraunhofer FDK AAC Codec Library for Android, Copyright 1995-2018 Fraunhofer-Gesellschaft zur
 Foerderung der angewandten Forschung e.V. All rights reserved. Redistribution in source and binary form is allowed
 without payment of copyright licence fees provided that its conditions are met; no patent licence is granted. Its
 text: https://android.googlesource.com/platform/external/aac/+/refs/heads/master/NOTICE`;
