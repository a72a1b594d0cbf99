import { seeded } from '@/embedded/io-engine/testing';
import { KillCluster } from './kill-cluster';
import { KillModel, type Operation } from './kill-model';
import { until } from './test-cluster';

const AT_ONCE = 3;
/** Three operations together pass about this many moments. */
const MOMENTS = 24;

export interface KillReport {
  /** Kills while an operation was under way. */
  kills: number;
  acknowledged: number;
  /** By operation: how often its outcome was left unknown by a kill. */
  readonly cutShort: Map<string, number>;
}

/**
 * Kills agent-core `rounds` times under three operations, each time at a random moment of its store, starts it again and
 * compares everything with what was acknowledged. Rejects with the round's story at the first difference.
 */
export async function killRounds(seed: number, rounds: number): Promise<KillReport> {
  const random = seeded(seed);
  const cluster = await KillCluster.start(4);
  const report: KillReport = { kills: 0, acknowledged: 0, cutShort: new Map() };
  try {
    const model = new KillModel(cluster, random);
    await model.begin();
    for (let round = 1; round <= rounds; round++)
      await killRound(cluster, model, random, report, `seed ${seed}, round ${round}`);
    return report;
  } finally {
    await cluster.stop();
  }
}

async function killRound(
  cluster: KillCluster,
  model: KillModel,
  random: (below: number) => number,
  report: KillReport,
  title: string,
): Promise<void> {
  const operations = model.draw(AT_ONCE);
  const moment = 1 + random(MOMENTS);
  cluster.arm(moment);
  const open: Operation[] = [];
  const story = [`${title}: dies at moment ${moment}`];
  await Promise.all(
    operations.map(async (operation) => {
      const outcome = await operation.run();
      story.push(
        `${operation.name} ${operation.on}: ${typeof outcome === 'string' ? outcome : JSON.stringify(outcome)}`,
      );
      if (outcome === 'done') {
        report.acknowledged++;
        operation.apply();
      } else if (outcome === 'unknown') {
        report.cutShort.set(operation.name, (report.cutShort.get(operation.name) ?? 0) + 1);
        open.push(operation);
      } else if (outcome.kind !== operation.mayRefuse) throw new Error(story.join('\n'));
    }),
  );
  if (cluster.isDead) report.kills++;
  await cluster.restartCore();
  const unsure = new Set<string>();
  try {
    for (const operation of open) {
      if (random(2) === 0) {
        story.push(`${operation.name} again`);
        await model.repeat(operation);
      } else {
        if (operation.giveUp) await model.repeat(operation.giveUp);
        unsure.add(operation.on);
      }
    }
    let problems: string[] = [];
    await until('agreement', async () => {
      problems = await model.problems(unsure);
      return problems.length === 0;
    }).catch((error: Error) => {
      throw new Error(`${error.message}\n${problems.join('\n')}`);
    });
  } catch (error) {
    throw new Error(`${story.join('\n')}\n${error instanceof Error ? error.message : error}`);
  }
}
