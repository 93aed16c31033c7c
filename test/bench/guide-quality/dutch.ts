import { type Sample, sample } from './sample.ts';

export const DUTCH: readonly Sample[] = [
  sample(
    'Flikken Maastricht',
    'Oud zeer',
    'Misdaadserie, Nederland 2021. Seizoen 15, aflevering 3. Met Victor Reinier en Angela Schijf.',
    0x11,
    { sub: 'Oud zeer', s: 15, e: 3, year: 2021, from: 'NL', people: 2 },
  ),
  sample('Goede tijden, slechte tijden', '', 'Aflevering 6789. Nederlandse soap.', 0x15, { e: 6789 }),
  sample('NOS Journaal', '', 'Nieuws van 20.00 uur.', 0x21, {}),
  sample(
    'Zwartboek',
    '',
    'Oorlogsdrama uit 2006. Regie: Paul Verhoeven. Met: Carice van Houten, Sebastian Koch, Thom Hoffman. Kijkwijzer: 16',
    0x10,
    { year: 2006, people: 4, age: 16 },
  ),
  sample('Boer zoekt vrouw (herhaling)', '', 'Afl. 4 van 10. Gepresenteerd door Yvon Jaspers.', 0x30, {
    title: 'Boer zoekt vrouw',
    e: 4,
    of: 10,
    people: 1,
    repeat: true,
  }),
  sample('Undercover', '', '2e seizoen, aflevering 8/10. Belgische misdaadserie uit 2020. Vanaf 16 jaar.', 0x11, {
    s: 2,
    e: 8,
    of: 10,
    year: 2020,
    from: 'BE',
    age: 16,
  }),
  sample('Studio Sport Eredivisie', '', 'Rechtstreeks vanuit Eindhoven: PSV - Ajax.', 0x43, { live: true }),
  sample('Nieuw: De Slimste Mens', '', 'Quiz. Presentatie: Philip Freriks en Maarten van Rossem.', 0x31, {
    title: 'De Slimste Mens',
    people: 2,
    new: true,
  }),
  sample('Frozen Planet II', 'Deel 2 van 6', 'Britse natuurserie uit 2022.', 0x91, {
    e: 2,
    of: 6,
    year: 2022,
    from: 'GB',
  }),
  sample('Penoza', '', 'S3 E7. Carmen heeft geen keus meer.', 0x11, { s: 3, e: 7 }),
  sample('Met het mes op tafel', '', 'Met Amsterdam als decor spelen drie kandidaten.', 0x31, {}),
  sample('The Bourne Identity', 'Actiefilm', 'Amerikaanse thriller uit 2002. Met Matt Damon, Franka Potente.', 0x11, {
    year: 2002,
    from: 'US',
    people: 2,
  }),
  sample('Baantjer', 'De Cock en de moord op de wallen', 'Nederlandse serie uit 1995. Herhaling.', 0x11, {
    sub: 'De Cock en de moord op de wallen',
    year: 1995,
    from: 'NL',
    repeat: true,
  }),
];
