/**
 * For the `ref` of what an address may name behind its `#`, and that is only there when its data is: then the page goes to it,
 * and it has `data-here` for its looks. (`:target` holds only for what was there when the address changed.)
 */
export function goThere(element: HTMLElement | null): void {
  if (!element?.id || window.location.hash !== `#${element.id}`) return;
  element.dataset.here = '';
  element.scrollIntoView();
}
