/** Languages by ISO 639-2 code. Broadcasters use the bibliographic and the terminology codes as they like. */

/** ISO 639-2/B code → ISO 639-2/T code, where they differ. */
const TERMINOLOGY: Readonly<Record<string, string>> = {
  alb: 'sqi',
  arm: 'hye',
  baq: 'eus',
  bur: 'mya',
  chi: 'zho',
  cze: 'ces',
  dut: 'nld',
  fre: 'fra',
  geo: 'kat',
  ger: 'deu',
  gre: 'ell',
  ice: 'isl',
  mac: 'mkd',
  mao: 'mri',
  may: 'msa',
  per: 'fas',
  rum: 'ron',
  slo: 'slk',
  tib: 'bod',
  wel: 'cym',
};

function terminology(code: string): string {
  const lower = code.toLowerCase();
  return TERMINOLOGY[lower] ?? lower;
}

/** True when both codes mean the same language: `ger` is `deu`. */
export function isSameLanguage(one: string, other: string): boolean {
  return terminology(one) === terminology(other);
}
