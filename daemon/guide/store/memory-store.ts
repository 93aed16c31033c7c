import { openMemory } from './database.ts';
import { SqliteGuideStore } from './sqlite-store.ts';

/** The guide in memory, for as long as the process lives. */
export class MemoryGuideStore extends SqliteGuideStore {
  constructor() {
    super({ database: openMemory() });
  }
}
