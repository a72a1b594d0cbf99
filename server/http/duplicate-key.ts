/**
 * The first name that an object of this JSON has twice, or undefined. `JSON.parse` keeps the last one without a word, so that
 * what was looked at and what is done could be two things. `text` must be JSON that parses.
 */
export function duplicateKey(text: string): string | undefined {
  /** Names of each object that is open; undefined for an array. */
  const open: Array<Set<string> | undefined> = [];
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gs;
  let last: string | undefined;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    const [word] = token;
    if (word === '{') open.push(new Set());
    else if (word === '[') open.push(undefined);
    else if (word === '}' || word === ']') open.pop();
    else if (word !== ':') last = word;
    else if (last !== undefined) {
      const names = open.at(-1);
      const name = String(JSON.parse(last)); // two spellings of one name are the same name
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
}
