import { type Sample, sample } from './sample.ts';

export const POLISH: readonly Sample[] = [
  sample('M jak miłość (1734)', '', 'Serial obyczajowy, Polska 2023. Marysia wraca do Grabiny. od lat 12', 0x15, {
    title: 'M jak miłość',
    e: 1734,
    year: 2023,
    from: 'PL',
    age: 12,
  }),
  sample(
    'Ranczo, odc. 12/13: Spadek',
    '',
    'Serial komediowy Polska 2006. Reżyseria: Wojciech Adamczyk. Obsada: Ilona Ostrowska, Cezary Żak',
    0x14,
    { title: 'Ranczo', sub: 'Spadek', e: 12, of: 13, year: 2006, from: 'PL', people: 3 },
  ),
  sample('Ojciec Mateusz', 'odc. 5, sezon 20', 'Serial kryminalny. Ksiądz pomaga policji. Premiera.', 0x11, {
    s: 20,
    e: 5,
    new: true,
  }),
  sample(
    'Psy',
    'film sensacyjny, Polska 1992',
    'reż. Władysław Pasikowski, wyst. Bogusław Linda, Marek Kondrat. Dozwolone od 18 lat',
    0x10,
    { year: 1992, from: 'PL', people: 3, age: 18 },
  ),
  sample('Wiadomości', '', 'Program informacyjny. Najważniejsze wydarzenia dnia 12.10.2023.', 0x21, {}),
  sample('Skoki narciarskie: Puchar Świata', 'Zakopane', 'Transmisja na żywo z Zakopanego.', 0x49, {
    sub: 'Zakopane',
    live: true,
  }),
  sample(
    'Kuba Wojewódzki (powtórka)',
    '',
    'Talk-show. Goście: Maciej Stuhr, Julia Wieniawa. Prowadzący: Kuba Wojewódzki',
    0x33,
    { title: 'Kuba Wojewódzki', people: 3, repeat: true },
  ),
  sample('Na Wspólnej', '', 'odc. 3567. Od 12 lat mieszka w Warszawie, teraz wraca do domu.', 0x15, { e: 3567 }),
  sample('Gwiezdne wojny: część 4 - Nowa nadzieja', '', 'Film SF, USA 1977. Reż.: George Lucas. Ocena: 9/10', 0x13, {
    year: 1977,
    from: 'US',
    people: 1,
    stars: 0.9,
  }),
  sample('Czas honoru, sezon 3', '', 'Odcinek 4. Wojenny serial.', 0x12, { title: 'Czas honoru', s: 3, e: 4 }),
  sample('Wielka woda', '', 'S01E02. Serial, Polska 2022. W 1997 roku powódź zagraża miastu.', 0x17, {
    s: 1,
    e: 2,
    year: 2022,
    from: 'PL',
  }),
  sample('Planeta Ziemia', 'część 2 z 6', 'Serial dokumentalny, Wielka Brytania 2016.', 0x91, {
    e: 2,
    of: 6,
    year: 2016,
    from: 'GB',
  }),
  sample('Teleexpress', '', 'Serwis informacyjny. Od 2012 i 2013 roku w nowym studiu.', 0x21, {}),
];
