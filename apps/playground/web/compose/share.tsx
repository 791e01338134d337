import { useSignal } from '@preact/signals';

import type { Composition } from '../composition.js';
import { hasSecrets, linkTo } from '../fragment.js';
import { announcement, composition } from '../store.js';

/** Makes a link to the composed request. */
export function Share() {
  const copied = useSignal<{ of: Composition; says: string } | undefined>(undefined);
  const share = async (): Promise<void> => {
    const of = composition.value;
    const link = new URL(linkTo(of), location.href).href;
    history.replaceState(null, '', link);
    const where = await navigator.clipboard.writeText(link).then(
      () => 'The link is copied, and in the address bar.',
      () => 'The link is in the address bar.',
    );
    const says = hasSecrets(of) ? `${where} Credentials are left out of it.` : where;
    copied.value = { of, says };
    announcement.value = says;
  };
  return (
    <div class="share">
      <button type="button" onClick={() => void share()}>
        Copy a link to this request
      </button>
      {copied.value?.of === composition.value && <p class="hint">{copied.value.says}</p>}
    </div>
  );
}
