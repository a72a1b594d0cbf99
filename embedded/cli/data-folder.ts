import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FileStore } from '@/embedded/store/file-store';

const TRIES = 3;

/** The folder of one agent-core: its store, and a lock that keeps a second one out. */
export interface DataFolder {
  readonly store: FileStore;
  close(): Promise<void>;
}

/** Opens the folder, making it when it is missing. Rejects with one clear line when another process uses it. */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  mkdirSync(folder, { recursive: true });
  const lock = path.join(folder, 'lock');
  take(lock);
  try {
    const store = await FileStore.open(path.join(folder, 'store.log'));
    return {
      store,
      close: async () => {
        await store.close();
        unlinkSync(lock);
      },
    };
  } catch (error) {
    unlinkSync(lock);
    throw error;
  }
}

/** The lock names its process, and when that began: a number is used again, after kill -9 too. */
function take(lock: string): void {
  // Linked when it is written, so that nobody ever reads half a lock.
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, identity(process.pid) ?? String(process.pid));
  try {
    for (let attempt = 1; !linked(mine, lock); attempt++) {
      const holder = readFileSync(lock, 'utf8');
      const [pid] = holder.split(' ');
      if (attempt === TRIES || (holder !== '' && identity(Number(pid)) === holder))
        throw new Error(`${path.dirname(lock)} is in use by process ${pid}`);
      unlinkSync(lock);
    }
  } finally {
    unlinkSync(mine);
  }
}

/** False when the lock is there already. */
function linked(mine: string, lock: string): boolean {
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // errors of fs carry a code
    return false;
  }
}

/** Number and start of a process; undefined when there is none. */
function identity(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, second, may hold spaces and brackets; the start is the twenty-second field.
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return alive(pid) ? `${pid} 0` : undefined;
  }
}

/** Where there is no /proc. */
function alive(pid: number): boolean {
  try {
    return process.platform !== 'linux' && process.kill(pid, 0);
  } catch {
    return false;
  }
}
