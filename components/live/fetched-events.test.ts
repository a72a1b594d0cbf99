import { afterEach, expect, it, vi } from 'vitest';
import { EventParser, FetchedEvents } from './fetched-events';

afterEach(() => vi.unstubAllGlobals());

const STREAM =
  'retry: 1500\nevent: hello\ndata: {"a":1}\n\n: a comment\n\nevent: topic\r\nid: 7\r\ndata: one\r\ndata: two\r\n\r\ndata: plain\n\n';
const EVENTS = [
  ['hello', '{"a":1}'],
  ['topic', 'one\ntwo'],
  ['message', 'plain'],
];

it.each([1, 2, 3, 7, 1_000])('reads the same events however the stream is cut (every %i characters)', (size) => {
  const got: string[][] = [];
  const parser = new EventParser((type, data) => got.push([type, data]));
  for (let i = 0; i < STREAM.length; i += size) parser.take(STREAM.slice(i, i + size));
  expect(got).toEqual(EVENTS);
});

it('takes an event that was cut off for nothing', () => {
  const got: string[] = [];
  const parser = new EventParser((type) => got.push(type));
  parser.take('event: topic\ndata: {"half":');
  expect(got).toEqual([]);
});

it.each([
  [404, '{"code":"unknown_cluster"}', 'gone'],
  [404, '<h1>default backend</h1>', 'lost'],
  [401, '{"code":"unauthenticated"}', 'lost'],
  [503, '{"code":"unknown_cluster"}', 'lost'],
])('tells of a stream that was answered with %i and %s that it is %s', async (status, body, want) => {
  vi.stubGlobal('fetch', async () => new Response(body, { status }));
  const end = await new Promise<string>((resolve) => {
    const stream = new FetchedEvents('/events');
    stream.ongone = () => resolve('gone');
    stream.onerror = () => resolve('lost');
  });
  expect(end).toBe(want);
});
