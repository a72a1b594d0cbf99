import { describe, expect, it } from 'vitest';
import { planFleet } from './fleet';

describe('the plan of a fleet', () => {
  it('is the same for the same seed and another for another', () => {
    expect(planFleet(7, 40, 3)).toEqual(planFleet(7, 40, 3));
    expect(planFleet(7, 40, 3)).not.toEqual(planFleet(8, 40, 3));
  });

  it('never asks for more replicas than there are nodes, and tells its stories only where they can happen', () => {
    for (const nodes of [1, 2, 3, 5]) {
      const plan = planFleet(1, 40, nodes);
      expect(Math.max(...plan.map((v) => v.replicas))).toBeLessThanOrEqual(nodes);
      expect(plan.filter((v) => v.story !== 'none')).toHaveLength(nodes >= 3 ? 3 : 0);
    }
  });

  it('names every volume and gives each an id of its own', () => {
    const plan = planFleet(1, 400, 3);
    expect(new Set(plan.map((v) => v.uuid)).size).toBe(400);
    expect(new Set(plan.map((v) => v.name)).size).toBe(400);
  });
});
