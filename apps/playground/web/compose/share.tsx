import { useSignal } from '@preact/signals';

import { hasSecrets, linkTo } from '../fragment.js';
import { announcement, composition } from '../store.js';

/** Makes a link to the composed request. */
export function Share() {
  const copied = useSignal<string | undefined>(undefined);
  const share = async (): Promise<void> => {
    const link = new URL(linkTo(composition.value), location.href).href;
    history.replaceState(null, '', link);
    const where = await navigator.clipboard.writeText(link).then(
      () => 'The link is copied, and in the address bar.',
      () => 'The link is in the address bar.',
    );
    copied.value = hasSecrets(composition.value) ? `${where} Credentials are left out of it.` : where;
    announcement.value = copied.value;
  };
  return (
    <div class="share">
      <button type="button" onClick={() => void share()}>
        Copy a link to this request
      </button>
      {copied.value !== undefined && <p class="hint">{copied.value}</p>}
    </div>
  );
}
