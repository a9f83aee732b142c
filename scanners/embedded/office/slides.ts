import type { Found } from './found';
import { attributesOf } from './xml';

const MAX_TAG = 2_000;

/** Actions of a slide (ECMA-376 part 1, 21.1.2.3.5): programs and macros that a click or the mouse alone starts. */
export function readSlide(text: string, found: Found): void {
  for (
    let at = text.indexOf('ppaction:'), left = 1_000;
    at >= 0 && left > 0;
    at = text.indexOf('ppaction:', at + 9), left -= 1
  ) {
    const start =
      at -
      MAX_TAG +
      text
        .slice(Math.max(0, at - MAX_TAG), at)
        .padStart(MAX_TAG)
        .lastIndexOf('<');
    if (start < at - MAX_TAG) continue;
    const tag = text.slice(start + 1, at + MAX_TAG).split('>', 1)[0] ?? '';
    const action = (attributesOf(tag).get('action') ?? '').toLowerCase();
    const hover = /hlinkMouseOver|hlinkHover/.test(tag.slice(0, 40));
    if (action.startsWith('ppaction://program')) {
      const what = hover
        ? 'A slide starts a program when the mouse moves over it.'
        : 'A slide starts a program when it is clicked.';
      found.find('Slide_Starts_Program', hover ? 'high' : 'medium', what);
    } else if (action.startsWith('ppaction://ole') && hover) {
      found.find('Slide_Starts_Object', 'medium', 'A slide activates an embedded object when the mouse moves over it.');
    } else if (action.startsWith('ppaction://macro')) {
      found.find('Slide_Runs_Macro', 'low', 'A slide runs a macro.');
    }
  }
}
