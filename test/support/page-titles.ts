/** Titles of Microsoft's sign-in page, in languages of its readers; one with the blank that has been seen before it. */
export const pageTitles = [
  "Sign in to your account",
  " Sign in to your account",
  "Bei Ihrem Konto anmelden",
  "Connectez-vous à votre compte",
  "アカウントにサインイン",
];
