import { describe, expect, it } from 'vitest';
import { type FleetWish, planFleet } from './fleet';

const wish = (more: Partial<FleetWish> = {}): FleetWish => ({ seed: 7, volumes: 40, nodes: 3, stories: true, ...more });

describe('the plan of a fleet', () => {
  it('is the same for the same seed and another for another', () => {
    expect(planFleet(wish())).toEqual(planFleet(wish()));
    expect(planFleet(wish())).not.toEqual(planFleet(wish({ seed: 8 })));
  });

  it('never asks for more replicas than there are nodes, and tells its stories only where they can happen', () => {
    for (const nodes of [1, 2, 3, 5]) {
      const plan = planFleet(wish({ nodes }));
      expect(Math.max(...plan.map((v) => v.replicas))).toBeLessThanOrEqual(nodes);
      expect(plan.filter((v) => v.story.kind !== 'none')).toHaveLength(nodes >= 3 ? 4 : 0);
    }
  });

  it('gives the other volumes of a calm fleet the same as those of one with stories', () => {
    const [usual, calm] = [planFleet(wish()), planFleet(wish({ stories: false }))];
    expect(calm.every((v) => v.story.kind === 'none')).toBe(true);
    expect(calm.filter((_, i) => usual[i]?.story.kind === 'none')).toEqual(
      usual.filter((v) => v.story.kind === 'none'),
    );
  });

  it('names every volume and gives each an id of its own', () => {
    const plan = planFleet(wish({ volumes: 400 }));
    expect(new Set(plan.map((v) => v.uuid)).size).toBe(400);
    expect(new Set(plan.map((v) => v.name)).size).toBe(400);
  });
});
