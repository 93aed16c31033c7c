import { type Sample, sample } from './sample.ts';

export const ENGLISH: readonly Sample[] = [
  sample(
    'New: Silent Witness',
    '',
    "5/6. Brother's Keeper - Part 1. Drama series. Nikki is called to a warehouse. Also in HD. [AD,S]",
    0x10,
    { title: 'Silent Witness', e: 5, of: 6, sub: "Brother's Keeper - Part 1", new: true },
  ),
  sample('Family Guy', '', 'Veteran Guy: Peter joins the Coast Guard. Adult cartoon. (S16 Ep14) [S]', 0x14, {
    s: 16,
    e: 14,
    sub: 'Veteran Guy',
  }),
  sample(
    'Midsomer Murders',
    'The Silent Land',
    'Series 13, episode 4 of 8. Barnaby hears of a ghost. Starring John Nettles and Jason Hughes.',
    0x11,
    { sub: 'The Silent Land', s: 13, e: 4, of: 8, people: 2 },
  ),
  sample(
    'The Great Escape',
    '',
    '(1963) Epic war drama starring Steve McQueen, James Garner and Richard Attenborough. Allied prisoners plan a break-out.',
    0x10,
    { year: 1963, people: 3 },
  ),
  sample('Saturday Night Live', '', 'Sketches and music. Hosted by Tina Fey.', 0x30, { people: 1 }),
  sample('Match of the Day Live', '', 'Live coverage of the FA Cup final from Wembley.', 0x43, { live: true }),
  sample('Panorama', 'The Housing Trap', 'Reporter Richard Bilton looks at rents in 2023. [S]', 0x22, {
    sub: 'The Housing Trap',
  }),
  sample('Planet Earth II', '', '3/6: Jungles. The animals of the forest. Narrated by David Attenborough. (R)', 0x91, {
    e: 3,
    of: 6,
    sub: 'Jungles',
    repeat: true,
  }),
  sample('EastEnders', '', 'Sharon gets a shock. Episode 6543.', 0x15, { e: 6543 }),
  sample('9-1-1', '', 'Season 4, Episode 2: Alone Together. US drama. The team battles a mudslide.', 0x10, {
    s: 4,
    e: 2,
    sub: 'Alone Together',
  }),
  sample('Killing Eve S3 E5', '', 'Are You from Pinner? Villanelle goes home.', 0x10, {
    title: 'Killing Eve',
    s: 3,
    e: 5,
  }),
  sample(
    'Titanic',
    '',
    '1997 romantic drama. Directed by James Cameron. Stars Leonardo DiCaprio and Kate Winslet. Certificate 12. 4/5 stars',
    0x10,
    { year: 1997, people: 3, age: 12, stars: 0.8 },
  ),
  sample('Bangers & Cash (New)', '', 'Season two, episode three. The team sells a barn find.', 0xa3, {
    title: 'Bangers & Cash',
    s: 2,
    e: 3,
    new: true,
  }),
  sample('24/7 Emergency', '', 'A crew works 12/24 shifts; 7/8 of calls are urgent.', 0x80, {}),
  sample('World Series 2023', '', 'Game 3 from Texas.', 0x42, {}),
  sample(
    'Have I Got News for You',
    '',
    'New series. With Victoria Derbyshire, Ian Hislop and Paul Merton. Satirical quiz.',
    0x31,
    { new: true, people: 3 },
  ),
  sample('Vigil', '', 'S1 Ep6/6. The finale. Thriller starring Suranne Jones.', 0x11, { s: 1, e: 6, of: 6, people: 1 }),
];
