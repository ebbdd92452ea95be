// What a test sign-in is told of each thing that was looked at.

export const verdictTexts = {
  claims: "What Microsoft said",
  title: "What was checked",
  outcomes: { pass: "fine", warn: "mind this", fail: "would be refused" },
  issuer: {
    name: "Issuer",
    pass: (issuer: string) => `The answer is signed for this directory by ${issuer}.`,
  },
  nonce: {
    name: "Nonce",
    pass: "The answer belongs to the sign-in that this browser began, and to no other.",
  },
  email: {
    name: "Email",
    pass: "Microsoft sent an address and says that the owner of its domain is verified.",
    unverified: "Microsoft sent an address and does not call it verified: no application may rely on it.",
    none: "Microsoft sent no address: applications that need one cannot take this account.",
  },
  groups: {
    name: "Groups",
    listed: (count: number) => `Microsoft listed ${count} of this person’s groups.`,
    none: "This person is in no group that Microsoft lists.",
    overage:
      "Too many groups to list: applications are told that they are unknown, never that there are none.",
    unreadable: "Microsoft’s list of groups could not be read: applications are told that they are unknown.",
  },
  userType: {
    name: "Member or guest",
    member: "A member of this directory.",
    guest: "A guest of this directory.",
    unknown: "Microsoft did not say whether this is a member or a guest.",
    assigned: "Whoever is assigned gets in, guests too.",
    admitted: "Only applications that admit guests let this account in.",
    refused: "While everyone in the directory may sign in, applications refuse accounts that are no members.",
  },
  assignment: {
    name: "Assignment",
    everyone: "Everyone in the directory may sign in; nobody has to be assigned.",
    assigned: "Only assigned users may sign in, and this account is assigned.",
  },
  others: {
    name: "Other users",
    pass: "Users who are no administrators get in without being stopped by Microsoft.",
    unknown:
      "Whether others get in is not known yet, since you approved the application yourself. Microsoft may ask each of them to accept it, or stop them; the dashboard offers to accept it for all.",
  },
} as const;
