import { randomUUID } from 'node:crypto';
import { describe, it } from 'vitest';
import { each, withDoor } from '../support/door';
import { request } from '../support/wire';

// Further inputs of the kinds of docs/standing.md, "Bad input", about what stands inside of them, by somebody who had not built what they are for.
// The number is that of the row they are akin to.

const door = withDoor();
const { get, key, post } = door;
const BASE = door.base;
const GOOD = '{"sizeBytes":"1073741824","replicas":1,"thin":true}';
/** The good body with more in it. */
const create = (more: string) => post(`${GOOD.slice(0, -1)},${more}}`);

describe('further bad input', () => {
  it.concurrent('whose JSON is nearly right', async () => {
    const bodies = [
      '{"sizeBytes":"1073741824","sizeBytes":"2147483648","replicas":1,"thin":true}',
      '{"sizeBytes":"1073741824","replicas":1,"\\u0072eplicas":3,"thin":true}',
      '{"sizeBytes":"1073741824","replicas":1,"thin":true,"labels":{"a":"b","a":"c"}}',
      `${GOOD}\u0000`,
      `${GOOD}\u2028`,
      `${GOOD}//x`,
      `${GOOD},`,
      `[${GOOD}]`,
      '{"sizeBytes":"1073741824","replicas":+1,"thin":true}',
      '{"sizeBytes":"1073741824","replicas":01,"thin":true}',
      '{"sizeBytes":"1073741824","replicas":.5,"thin":true}',
      '{"sizeBytes":"1073741824","replicas":0x1,"thin":true}',
      '{"sizeBytes":"1073741824","replicas":1,"thin":"true"}',
      '{"sizeBytes":"1073741824","replicas":1,"thin":1}',
      '{"sizeBytes":"1073741824","replicas":1}',
      '{"\\u005f_proto__":{},"sizeBytes":"1073741824","replicas":1,"thin":true}',
      '{"":1,"sizeBytes":"1073741824","replicas":1,"thin":true}',
      '{"sizeBytes":{"$gt":0},"replicas":1,"thin":true}',
      '{"sizeBytes":["1073741824"],"replicas":[1],"thin":[true]}',
      '{"then":1,"sizeBytes":"1073741824","replicas":1,"thin":true}',
      '{"toJSON":1,"sizeBytes":"1073741824","replicas":1,"thin":true}',
      '{"a":"\\x41"}',
      '{"a":"\\u12"}',
      'undefined',
      '1e999',
      `{"labels":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`,
      `{"labels":[${'[],'.repeat(2_000)}[]]}`,
    ];
    await door.all(each(55, bodies, post, [400, 422]));
  });

  it.concurrent('whose values are nearly right', async () => {
    const sizes = [
      '"+1073741824"',
      '"1073741824\\n"',
      '"１０７３７４１８２４"',
      '"1073741824.0"',
      '"Infinity"',
      '"9223372036854775808"',
      '" "',
      '"00"',
    ];
    await door.all(each(59, sizes, (s) => post(`{"sizeBytes":${s},"replicas":1,"thin":true}`), [400, 422, 507]));
    const labels = [
      '{"a":"b\\u0000"}',
      '{"a/":"x"}',
      '{"/a":"x"}',
      '{"a":"-"}',
      '{"a":["b"]}',
      '{"a":{"b":"c"}}',
      `{"${'p'.repeat(254)}/a":"x"}`,
      '{"a..b/c":"x"}',
      '{"pvc-name":"orders"}',
      '{"csi.storage.k8s.io/pvc/name":"orders"}',
      '{"pvc-namespace":"shop"}',
    ];
    await door.all(each(63, labels, (l) => create(`"labels":${l}`), [400, 422]));
    const nodes = ['["io-1\\n"]', '[""]', '[1]', '[null]', '"io-1"', `["${'x'.repeat(300)}"]`, '["a/b"]', '[".."]'];
    await door.all(each(64, nodes, (n) => create(`"allowedNodes":${n}`), [400, 422]));
    const publish = ['{"node":"io-1","share":"nvmf"}', 'true', '[]', '{"node":["io-1"]}', '{"node":""}'];
    await door.all(each(64, publish, (p) => create(`"publish":${p}`), [400, 422]));
    await door.all(
      each(61, ['-1', '1.5', '4294967296', '"1"', 'null'], (n) => create(`"maxSnapshots":${n}`), [400, 422]),
    );
    const ids = [
      '"x"',
      `"${door.volume.id.toUpperCase()}"`,
      `"${door.volume.id} "`,
      `["${door.volume.id}"]`,
      '"00000000-0000-0000-0000-000000000000"',
    ];
    await door.all(each(53, ids, (id) => create(`"id":${id}`), [400, 409, 422]));
  });

  it.concurrent('that confirm nearly the right thing', async () => {
    const { id, name, etag } = door.volume;
    const remove = (body: string) =>
      request(door.app, `DELETE ${BASE}/volumes/${id}`, { lines: `if-match: ${etag}\r\n`, body });
    const wrong = [
      id.toUpperCase(),
      `${name}\n`,
      `\ufeff${name}`,
      name.replace('-', '\u2010'),
      `${name}\u0307`,
      '*',
      '.*',
      '%',
      'true',
    ];
    await door.all(each(68, wrong, (confirm) => remove(JSON.stringify({ confirm })), [409, 422]));
    // The name is right, and what it is that would be lost is not said, or is something else.
    const right = (more: string) => remove(`{"confirm":${JSON.stringify(name)}${more}}`);
    await door.all([
      ['nothing said', right(''), [409, 428]],
      ...each(68, ['"v1-"', '""', '"v1-AAAAAAAAAAAAAAAA"'], (c) => right(`,"consequence":${c}`), 409),
      ...each(68, ['null', '1', '["v1-x"]', `"${'x'.repeat(65)}"`], (c) => right(`,"consequence":${c}`), [400, 422]),
    ]);
    const tags = [
      `W/${etag}`,
      `${etag},`,
      etag.slice(1, -1),
      `"${etag.slice(1, -1).toUpperCase()}"`,
      '"*"',
      '" "',
      `${etag};q=1`,
    ];
    const tagged = (tag: string) =>
      request(door.app, `PUT ${BASE}/volumes/${id}/size`, {
        lines: `if-match: ${tag}\r\n`,
        body: '{"sizeBytes":"107374182400"}',
      });
    await door.all(each(71, tags, tagged, [400, 412]));
    const keys = [
      `{${randomUUID()}}`,
      `"${randomUUID()}"`,
      randomUUID().replaceAll('-', ''),
      `urn:uuid:${randomUUID()}`,
      '__proto__',
    ];
    await door.all(
      each(
        73,
        keys,
        (k) => request(door.app, `POST ${BASE}/volumes`, { lines: `idempotency-key: ${k}\r\n`, body: GOOD }),
        400,
      ),
    );
    const dry = [
      'dryRun',
      'dryRun=1',
      'dryRun=TRUE',
      'dryRun=true&dryRun=false',
      'dryrun=true',
      'dryRun[]=true',
      'dryRun=true%00',
    ];
    await door.all(
      each(73, dry, (q) => request(door.app, `POST ${BASE}/volumes?${q}`, { lines: key(), body: GOOD }), 400),
    );
  });

  it.concurrent('whose query is nearly right', async () => {
    const queries = [
      'limit=1%20',
      'limit=+1',
      'limit=01',
      'limit=1e1',
      'limit=0x1',
      'limit=1.0',
      'limit=-0',
      'limit=١',
      'limit=501',
      'limit=1&LIMIT=2',
      'limit=1;offset=2',
      'offset=1e3',
      'offset=9007199254740992',
      'sort=name,name',
      'sort=--name',
      'sort=name%20desc',
      'sort=NAME',
      'sort=name%00',
      'q[]=a',
      'q=a&q=b',
      '=1',
      'q=%ed%a0%80',
      'columns=__proto__',
      'utm_source=x',
    ];
    await door.all(each(81, queries, (q) => get(`${BASE}/volumes?${q}`), 400));
    const counts = ['to=', 'to=0x2', 'to=1e0', 'to=%202', 'to=256', 'to=-1', 'to=null', ''];
    await door.all(each(61, counts, (q) => get(`${BASE}/volumes/${door.volume.id}/replica-count?${q}`), 400));
    const minutes = ['minutes=010', 'minutes=', 'minutes=10.5', 'minutes=Infinity', 'minutes=%20', 'to=5'];
    await door.all(each(88, minutes, (q) => get(`${BASE}/volumes/${door.volume.id}/metrics?${q}`), 400));
    const others = [
      'export/volumes?format=xml',
      'export/volumes?columns=x&columns=x',
      'audit?limit=1e2',
      'choices?x=1',
      'permissions?for=x',
    ];
    await door.all(each(81, others, (q) => get(`${BASE}/${q}`), 400));
  });
});

describe('after all of that', () => {
  it('no change was tried, nothing was left uncaught, and everything still works', () => door.stands());
});
